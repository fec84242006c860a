using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Exploration.Strategies.Learned;

/// <summary>Looks at the priorities of so few contexts that all of them are looked at at once; 0 is not drawn yet.</summary>
internal static class FewPriorities
{
    /// <summary>The most contexts.</summary>
    internal const int Max = 16;

    private const int Half = Max / 2;

    /// <summary>A bit for each that is not drawn yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Undrawn(uint[] priorities)
    {
        ref uint first = ref MemoryMarshal.GetArrayDataReference(priorities);
        return Vector256.Equals(Vector256.LoadUnsafe(ref first), Vector256<uint>.Zero).ExtractMostSignificantBits()
            | (Vector256.Equals(Vector256.LoadUnsafe(ref first, Half), Vector256<uint>.Zero)
                .ExtractMostSignificantBits() << Half);
    }

    /// <summary>The first with the highest priority among those that have a bit, all of which are drawn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Highest(uint[] priorities, uint among)
    {
        ref uint first = ref MemoryMarshal.GetArrayDataReference(priorities);
        Vector256<uint> bits = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        Vector256<uint> lower = Vector256.LoadUnsafe(ref first) & Lanes(among, bits);
        Vector256<uint> upper = Vector256.LoadUnsafe(ref first, Half) & Lanes(among >> Half, bits);
        var four = Vector256.Max(lower, upper);
        var two = Vector128.Max(four.GetLower(), four.GetUpper());
        two = Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(2u, 3, 0, 1)));
        two = Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(1u, 0, 3, 2)));
        var highest = Vector256.Create(two.ToScalar());
        return BitOperations.TrailingZeroCount(
            Vector256.Equals(lower, highest).ExtractMostSignificantBits()
            | (Vector256.Equals(upper, highest).ExtractMostSignificantBits() << Half));
    }

    private static Vector256<uint> Lanes(uint among, Vector256<uint> bits) =>
        Vector256.Equals(Vector256.Create(among) & bits, bits);
}
