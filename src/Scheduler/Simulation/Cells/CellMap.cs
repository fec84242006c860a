using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>States of a machine as cells and positions, while no word changes its role.</summary>
internal sealed class CellMap
{
    private readonly int[] _boot; // Memory, of which steps change only words that have a role.
    private readonly int _contexts;
    private readonly CellLayout _layout;
    private readonly bool _areOperationsOwn;

    /// <summary>Maps the states of a machine that boots with this memory.</summary>
    internal CellMap(WordRoles roles, int[] boot, int contexts)
    {
        _boot = boot;
        _contexts = contexts;
        _layout = new CellLayout(roles);
        Positions = new PositionTable(roles, _layout, contexts);
        Vector512<byte> cells = Vector512.Create(CellLayout.Constant);
        Vector512<byte> values = Vector512.Create(CellLayout.One);
        _areOperationsOwn = true;
        for (int context = 0; context < contexts; context++)
        {
            (int first, int count) = TaskTable.PendingAddresses(context).GetOffsetAndLength(boot.Length);
            _areOperationsOwn &= !Enumerable.Range(first, count).Any(roles.IsShared);
            int cell = _layout.CellOf(TaskTable.StatusAddress(context));
            if (cell < 0)
                continue; // Then its positions tell.

            cells = cells.WithElement(context, (byte)cell);
            values = values.WithElement(context, (byte)ContextStatus.Runnable);
        }

        (StatusCells, StatusValues) = (cells, values);
    }

    /// <summary>Whether cells can express all that was met; if not, they are not to be used.</summary>
    internal bool Fits => _layout.Fits && _areOperationsOwn;

    internal CellLayout Layout => _layout;

    internal PositionTable Positions { get; }

    internal LeafTable Leaves { get; } = new();

    internal KeyTable Keys { get; } = new();

    /// <summary>The leaf of each recorded step from each position.</summary>
    internal Dictionary<(int Position, int Step), int> LeafOf { get; } = [];

    /// <summary>For each context the cell in which its status is, if that is in one.</summary>
    internal Vector512<byte> StatusCells { get; }

    /// <summary>What it is while the context is runnable.</summary>
    internal Vector512<byte> StatusValues { get; }

    /// <summary>
    /// The state in memory, with contexts on these stacks; a position is -1 if there is none for it.
    /// </summary>
    internal Vector512<byte> Read(int[] memory, ReadOnlySpan<int> stacks, Span<int> positions)
    {
        Vector512<byte> cells = default;
        ReadOnlySpan<int> words = _layout.Words;
        for (int cell = 0; cell < words.Length; cell++)
            cells = cells.WithElement(cell, _layout.CodeOf(memory[words[cell]]));

        for (int context = 0; context < _contexts; context++)
            positions[context] = Positions.NumberOf(context, stacks[context], memory);

        Keys.Reserve(Positions.Count);
        return cells.WithElement(CellLayout.Constant, CellLayout.One);
    }

    /// <summary>Writes a state into memory.</summary>
    internal void Write(Vector512<byte> cells, ReadOnlySpan<int> positions, int[] memory)
    {
        _boot.CopyTo(memory, 0);
        ReadOnlySpan<int> words = _layout.Words;
        for (int cell = 0; cell < words.Length; cell++)
            memory[words[cell]] = _layout.ValueOf(cells[cell]);

        foreach (int position in positions)
            Positions.Write(position, memory);
    }
}
