using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Cells;

namespace Kmaplab.Scheduler.Tests.Simulation.Cells;

/// <summary>An end is taken for a good one only if all of it was the same before.</summary>
public sealed class GoodEndsTests
{
    private readonly GoodEnds _ends = new(checkEvery: int.MaxValue);

    [Fact]
    public void An_end_is_known_by_its_cells_and_by_where_each_context_stands()
    {
        CellState end = End(cell: 1, 4, 5);
        _ends.IsKnown(end, out UInt128 hash);
        Assert.False(_ends.Contains(hash));
        _ends.Add(hash);
        _ends.IsKnown(end, out _); // The first is judged again, in any case.

        Assert.True(_ends.IsKnown(End(cell: 1, 4, 5), out _));
        Assert.False(_ends.IsKnown(End(cell: 2, 4, 5), out _));
        Assert.False(_ends.IsKnown(End(cell: 1, 5, 4), out _));
        Assert.False(_ends.IsKnown(End(cell: 1, 4, 6), out _));
    }

    [Fact]
    public void None_is_known_any_more_once_positions_have_other_numbers()
    {
        _ends.IsKnown(End(cell: 1, 4, 5), out UInt128 hash);
        _ends.Add(hash);

        _ends.Clear();

        Assert.False(_ends.Contains(hash));
    }

    private static CellState End(byte cell, params int[] positions)
    {
        var state = new CellState(positions.Length) { Cells = Vector512.Create(cell) };
        positions.CopyTo(state.Positions, 0);
        return state;
    }
}
