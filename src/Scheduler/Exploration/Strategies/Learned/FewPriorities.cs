using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Exploration.Strategies.Learned;

/// <summary>
/// Priorities of so few contexts that two vectors hold them; 0 is not drawn yet.
/// </summary>
internal static class FewPriorities
{
    /// <summary>The most contexts.</summary>
    internal const int Max = 16;

    private const int Half = Max / 2;

    private static Vector256<uint> Bits => Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);

    private static Vector256<uint> UpperBits => Bits << Half;

    /// <summary>
    /// Draws a priority for each that has none among those that have a bit, in order, and yields the first with the
    /// highest.
    /// </summary>
    /// <remarks>
    /// They stay in two vectors meanwhile, as a vector that is read would wait for a part that was just written.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int DrawHighest(uint[] priorities, uint among, ref Pcg32 random)
    {
        ref uint first = ref MemoryMarshal.GetArrayDataReference(priorities);
        var lower = Vector256.LoadUnsafe(ref first);
        var upper = Vector256.LoadUnsafe(ref first, Half);
        uint undrawn = BitsOf(
            Vector256.Equals(lower, Vector256<uint>.Zero), Vector256.Equals(upper, Vector256<uint>.Zero)) & among;
        for (; undrawn != 0; undrawn &= undrawn - 1)
        {
            uint bit = undrawn & (~undrawn + 1);
            var drawn = Vector256.Create(random.NextUInt32() | 1);
            lower |= drawn & Vector256.Equals(Vector256.Create(bit), Bits);
            upper |= drawn & Vector256.Equals(Vector256.Create(bit), UpperBits);
        }

        lower.StoreUnsafe(ref first);
        upper.StoreUnsafe(ref first, Half);
        return Highest(lower & Lanes(among, Bits), upper & Lanes(among, UpperBits));
    }

    /// <summary>Those that have a bit are to be drawn again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Forget(uint[] priorities, uint which)
    {
        ref uint first = ref MemoryMarshal.GetArrayDataReference(priorities);
        Vector256.AndNot(Vector256.LoadUnsafe(ref first), Lanes(which, Bits)).StoreUnsafe(ref first);
        Vector256.AndNot(Vector256.LoadUnsafe(ref first, Half), Lanes(which, UpperBits)).StoreUnsafe(ref first, Half);
    }

    private static int Highest(Vector256<uint> lower, Vector256<uint> upper)
    {
        var eight = Vector256.Max(lower, upper);
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2u, 3, 0, 1)));
        var one = Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(1u, 0, 3, 2)));
        var highest = Vector256.Create(one.ToScalar());
        return BitOperations.TrailingZeroCount(
            BitsOf(Vector256.Equals(lower, highest), Vector256.Equals(upper, highest)));
    }

    private static Vector256<uint> Lanes(uint which, Vector256<uint> bits) =>
        Vector256.Equals(Vector256.Create(which) & bits, bits);

    private static uint BitsOf(Vector256<uint> lower, Vector256<uint> upper) =>
        lower.ExtractMostSignificantBits() | (upper.ExtractMostSignificantBits() << Half);
}
