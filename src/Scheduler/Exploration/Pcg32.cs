using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>A small, fast, seekable random number generator: PCG-XSH-RR 64/32.</summary>
/// <remarks>
/// M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014. One stream per
/// execution number, so that any execution can be run alone.
/// </remarks>
public struct Pcg32
{
    private const ulong Multiplier = 6364136223846793005;

    private readonly ulong _increment;
    private ulong _state;

    /// <summary>Stream number <paramref name="stream"/> of the family that <paramref name="seed"/> names.</summary>
    public Pcg32(ulong seed, ulong stream)
    {
        _increment = (stream << 1) | 1;
        _state = 0;
        NextUInt32();
        _state += seed;
        NextUInt32();
    }

    /// <summary>A number in 0 .. 2^32-1, all equally likely.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint NextUInt32()
    {
        ulong old = _state;
        _state = unchecked((old * Multiplier) + _increment);
        uint shifted = unchecked((uint)(((old >> 18) ^ old) >> 27));
        return uint.RotateRight(shifted, (int)(old >> 59));
    }

    /// <summary>
    /// What <see cref="Next"/> yields, if the first number that is drawn decides it, as it nearly always does; of one
    /// alone nothing is drawn.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryNext(int limit, out int number)
    {
        ulong old = _state;
        ulong product = (ulong)NextUInt32() * (uint)limit;
        number = (int)(product >> 32);
        _state = limit == 1 ? old : _state;
        return unchecked((uint)product) >= (uint)limit;
    }

    /// <summary>A number in 0 .. <paramref name="limit"/>-1, all equally likely.</summary>
    /// <remarks>D. Lemire, "Fast Random Integer Generation in an Interval", 2019.</remarks>
    public int Next(int limit)
    {
        ulong product = (ulong)NextUInt32() * (uint)limit;
        uint low = unchecked((uint)product);
        if (low < (uint)limit)
        {
            uint threshold = unchecked(0u - (uint)limit) % (uint)limit;
            while (low < threshold)
            {
                product = (ulong)NextUInt32() * (uint)limit;
                low = unchecked((uint)product);
            }
        }

        return (int)(product >> 32);
    }
}
