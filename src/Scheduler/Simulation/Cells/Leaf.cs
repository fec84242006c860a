using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>What a step does that finds these values in the cells: two cache lines.</summary>
/// <remarks>
/// There are fewer cells than bytes in a vector, so what else there is to know lies behind them, in the same lines.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 2 * CellLayout.Lanes)]
internal struct Leaf
{
    private const int Behind = CellLayout.Lanes + CellLayout.Cells;

    /// <summary>What the cells that the step has read must be; 0 for the others.</summary>
    [FieldOffset(0)]
    internal Vector512<byte> Guards;

    /// <summary>The position at which its context stands then.</summary>
    [FieldOffset(CellLayout.Cells)]
    internal int Next;

    /// <summary>A bit for each cell that it has read.</summary>
    [FieldOffset(CellLayout.Cells + sizeof(int))]
    internal ulong GuardMask;

    /// <summary>In what bits the cells differ then, where those that are not kept are 0 before.</summary>
    [FieldOffset(CellLayout.Lanes)]
    internal Vector512<byte> Delta;

    /// <summary>When the context is ready then, as in its position.</summary>
    [FieldOffset(Behind)]
    internal Readiness Ready;

    /// <summary>
    /// The number of the cells that are kept: it keeps all but those that it overwrites without having read them.
    /// </summary>
    [FieldOffset(Behind + 3)]
    internal byte Kept;

    /// <summary>What it adds to the <see cref="StepCounts"/>.</summary>
    [FieldOffset(Behind + 4)]
    internal uint Counts;

    /// <summary>The recorded step.</summary>
    [FieldOffset(Behind + 8)]
    internal int Step;

    /// <summary>Whether all that the step has read is so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool Holds(Vector512<byte> cells) =>
        (~Vector512.Equals(cells, Guards).ExtractMostSignificantBits() & GuardMask) == 0;

    /// <summary>The same, for cells that are in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool HoldsIn(in Vector512<byte> cells)
    {
        if (!CellState.HasHalves)
            return Holds(cells);

        ref Vector256<byte> guards = ref CellState.HalvesOf(Guards);
        ref Vector256<byte> found = ref CellState.HalvesOf(cells);
        uint lower = Vector256.Equals(found, guards).ExtractMostSignificantBits();
        uint upper = Vector256.Equals(Unsafe.Add(ref found, 1), Unsafe.Add(ref guards, 1)).ExtractMostSignificantBits();
        return (~(lower | ((ulong)upper << Vector256<byte>.Count)) & GuardMask) == 0;
    }
}
