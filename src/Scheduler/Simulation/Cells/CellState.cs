using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>A state: the cells, where each context stands, and what follows from that.</summary>
internal sealed class CellState(int contexts)
{
    private Vector512<byte> _cells;

    /// <summary>The cells.</summary>
    internal Vector512<byte> Cells
    {
        get => _cells;
        set => _cells = value;
    }

    /// <summary>What is in one of them.</summary>
    internal byte this[byte cell]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.Add(ref Unsafe.As<Vector512<byte>, byte>(ref _cells), cell & (CellLayout.Lanes - 1));
    }

    /// <summary>The position of each context.</summary>
    internal int[] Positions { get; } = new int[contexts];

    /// <summary>For each context the cell that says whether it can go on.</summary>
    internal Vector512<byte> ReadyCells { get; set; }

    /// <summary>What it is then.</summary>
    internal Vector512<byte> ReadyValues { get; set; }

    /// <summary>A bit for each context that stands before a choice.</summary>
    internal ulong Choices { get; private set; }

    /// <summary>The sum of <see cref="StepCounts"/> of all steps so far.</summary>
    internal ulong Counts { get; set; }

    /// <summary>Whether a context stands before a choice.</summary>
    internal bool IsBeforeChoice(int context) => (Choices >> context & 1) != 0;

    /// <summary>A bit for each context that can go on.</summary>
    internal ulong Ready(CellMap map) => Matches(Cells, ReadyCells, ReadyValues)
        & Matches(Cells, map.StatusCells, map.StatusValues);

    /// <summary>A state from which an execution begins.</summary>
    internal void Begin(CellMap map, Vector512<byte> cells, ReadOnlySpan<int> positions, ulong counts)
    {
        positions.CopyTo(Positions);
        Cells = cells;
        Counts = counts;
        FindReady(map);
    }

    /// <summary>The positions are others, of the same contexts.</summary>
    internal void FindReady(CellMap map)
    {
        ReadyCells = Vector512.Create(CellLayout.Constant);
        ReadyValues = default;
        Choices = 0;
        for (int context = 0; context < contexts; context++)
            SetReady(context, map.Positions[Positions[context]].Ready);
    }

    /// <summary>A context performs a step.</summary>
    internal void Take(CellMap map, int context, in Leaf leaf)
    {
        Cells = map.Leaves.After(Cells, leaf);
        Positions[context] = leaf.Next;
        Counts += StepCounts.Spread(leaf.Counts);
        SetReady(context, leaf.Ready);
    }

    private void SetReady(int context, Readiness ready)
    {
        // Not by an element: the vector is read at once, and would wait for a byte that was written by itself.
        Vector512<byte> own = Vector512.Equals(Vector512<byte>.Indices, Vector512.Create((byte)context));
        ReadyCells = Vector512.ConditionalSelect(own, Vector512.Create(ready.Cell), ReadyCells);
        ReadyValues = Vector512.ConditionalSelect(own, Vector512.Create(ready.Value), ReadyValues);
        Choices = (Choices & ~(1UL << context)) | (ready.IsChoice ? 1UL << context : 0);
    }

    private static ulong Matches(Vector512<byte> cells, Vector512<byte> which, Vector512<byte> values) =>
        Vector512.Equals(KeyTable.Pick(cells, which), values).ExtractMostSignificantBits();
}
