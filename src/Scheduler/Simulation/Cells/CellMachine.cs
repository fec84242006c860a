using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Cells;

internal sealed class CellMachine
{
    private const int EndsMax = 1 << 20;

    private readonly Machine _machine;
    private readonly StepMemo _memo;
    private readonly WordRoles _roles;
    private readonly int _contexts;
    private readonly int[] _memory; // The machine's, which holds nothing between steps.
    private readonly int[] _bootMemory;
    private readonly int[] _bootStacks;
    private readonly int[] _before;
    private readonly int[] _words = new int[RecordedSteps.TouchesMax];
    private readonly int[] _values = new int[RecordedSteps.TouchesMax];
    private readonly HashSet<UInt128> _goodEnds = [];
    private readonly Dictionary<(int Position, int Step), int> _leafOf = [];
    private CellLayout _layout = null!;
    private PositionTable _positions = null!;
    private LeafTable _leaves = null!;
    private Vector512<byte> _bootCells;
    private readonly int[] _bootPositions;

    internal CellMachine(Machine machine, int checkEvery)
    {
        _machine = machine;
        _memo = machine.Memo!;
        _contexts = machine.Tasks.Contexts;
        _memory = machine.Memory;
        _roles = new WordRoles(machine.StateWords);
        _bootStacks = new int[_contexts];
        _bootPositions = new int[_contexts];
        Positions = new int[_contexts];
        _checkEvery = Math.Max(1, checkEvery);
        machine.Reset();
        for (int context = 0; context < _contexts; context++)
            _bootStacks[context] = _memo.KeepStack(context);

        _bootMemory = [.. _memory];
        _before = new int[_memory.Length];
        foreach ((int context, int step) in _memo.Recorded())
            NoteTouches(context, step);

        Build();
    }

    internal static bool CanBe(Machine machine) =>
        machine.Image is { IsPinned: true, Fuses: false } && machine.Memo is not null && machine.Tasks.Contexts <= 64;

    internal Machine Machine => _machine;

    internal bool Fits => _layout.Fits && _bootPositions.All(position => position >= 0);

    internal LeafTable Leaves => _leaves;

    internal int[] Positions { get; }

    internal Vector512<byte> Cells { get; set; }

    internal ulong Counts { get; set; }

    internal int Current { get; set; }

    internal Vector512<byte> StatusCells { get; private set; }

    internal Vector512<byte> StatusValues { get; private set; }

    internal Vector512<byte> ReadyCells { get; set; }

    internal Vector512<byte> ReadyValues { get; set; }

    internal ulong Choices { get; set; }

    internal long Slow { get; private set; }

    internal long Flushes { get; private set; }

    internal string Statistics() =>
        $"{_layout.Words.Length} cells, {_positions.Count} positions, {Slow} slow, {Flushes} flushes, {_goodEnds.Count} ends, {Checked} checks; {_leaves.Statistics()}";

    internal void Reset()
    {
        Cells = _bootCells;
        _bootPositions.CopyTo(Positions, 0);
        Counts = 0;
        Current = -1;
        SetReady();
        if (_machine.Finding is not null)
            _machine.ForgetFinding();
    }

    private void SetReady()
    {
        Vector512<byte> cells = Vector512.Create(CellLayout.Constant);
        Vector512<byte> values = default;
        Choices = 0;
        for (int context = 0; context < _contexts; context++)
        {
            Readiness ready = _positions[Positions[context]].Ready;
            cells = cells.WithElement(context, ready.Cell);
            values = values.WithElement(context, ready.Value);
            if (ready.Outcomes != 1)
                Choices |= 1UL << context;
        }

        (ReadyCells, ReadyValues) = (cells, values);
    }

    internal int HitsBeforeCheck { get; set; }

    private readonly int _checkEvery;

    internal bool IsCheckDue()
    {
        if (HitsBeforeCheck-- > 0)
            return false;

        HitsBeforeCheck = (int)Math.Min(_checkEvery - 1, ++Checked);
        return true;
    }

    internal long Checked { get; private set; }

    internal ulong Ready() =>
        Vector512.Equals(LeafTable.Pick(Cells, ReadyCells), ReadyValues).ExtractMostSignificantBits()
        & Vector512.Equals(LeafTable.Pick(Cells, StatusCells), StatusValues).ExtractMostSignificantBits();

    internal int Propose(int context, int outcome) => _leaves.Find(Positions[context] + outcome, Cells);

    internal void Take(int context, int number)
    {
        ref Leaf leaf = ref _leaves[number];
        Cells = _leaves.After(Cells, leaf);
        Positions[context] = leaf.Next;
        ReadyCells = ReadyCells.WithElement(context, leaf.Ready.Cell);
        ReadyValues = ReadyValues.WithElement(context, leaf.Ready.Value);
        Choices = (Choices & ~(1UL << context)) | (leaf.Ready.Outcomes != 1 ? 1UL << context : 0);
        Counts += StepCounts.Spread(leaf.Counts);
    }

    internal int Outcomes(int context) => _positions[Positions[context]].Ready.Outcomes;

    private bool NoteTouches(int context, int step)
    {
        bool isNew = false;
        RecordedSteps steps = _memo.Table.Steps;
        for (int i = 0; i < steps.Reads(step); i++)
            isNew |= _roles.Note(steps.ReadAt(step, i).Address, context, isWritten: false);

        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
            isNew |= _roles.Note(_words[i], context, isWritten: true);

        return isNew;
    }

    private void Build()
    {
        _bootMemory.CopyTo(_memory, 0);
        NoteAwaited();
        Flushes++;
        _layout = new CellLayout(_roles);
        _positions = new PositionTable(_roles, _layout, _contexts);
        _leaves = new LeafTable();
        _leafOf.Clear();
        _goodEnds.Clear();
        if (!_layout.Fits)
            return;

        Vector512<byte> cells = Vector512.Create(CellLayout.Constant);
        Vector512<byte> values = Vector512.Create(CellLayout.One);
        for (int context = 0; context < _contexts; context++)
        {
            int cell = _layout.CellOf(TaskTable.StatusAddress(context));
            if (cell < 0)
                continue;

            cells = cells.WithElement(context, (byte)cell);
            values = values.WithElement(context, (byte)ContextStatus.Runnable);
        }

        (StatusCells, StatusValues) = (cells, values);
        _bootCells = Encode(_bootStacks, _bootPositions);
    }

    private void NoteAwaited()
    {
        for (int context = 0; context < _contexts; context++)
        {
            if (PositionTable.WordAwaited(context, _memory) is var word and >= 0)
                _roles.Note(word, context, isWritten: false);
        }
    }

    private Vector512<byte> Encode(int[] stacks, int[] positions)
    {
        Vector512<byte> cells = default;
        ReadOnlySpan<int> words = _layout.Words;
        for (int cell = 0; cell < words.Length; cell++)
            cells = cells.WithElement(cell, _layout.CodeOf(_memory[words[cell]]));

        for (int context = 0; context < _contexts; context++)
            positions[context] = _positions.NumberOf(context, stacks[context], _memory);

        _leaves.Reserve(_positions.Count);
        return cells.WithElement(CellLayout.Constant, CellLayout.One);
    }

    /// <summary>Writes the present state into the machine's memory.</summary>
    private void Write(int[] memory)
    {
        _bootMemory.CopyTo(memory, 0);
        Vector512<byte> cells = Cells;
        ReadOnlySpan<int> words = _layout.Words;
        for (int cell = 0; cell < words.Length; cell++)
            memory[words[cell]] = _layout.ValueOf(cells[cell]);

        for (int context = 0; context < _contexts; context++)
            _positions.Write(Positions[context], memory);
    }

    /// <summary>Puts the present state into the machine, as if it had gone there itself.</summary>
    internal void Place()
    {
        Write(_before);
        _machine.RestoreMemory(_before);
        _machine.Runner.Reset();
        for (int context = 0; context < _contexts; context++)
            _memo.PlaceStack(context, _positions[Positions[context]].Stack);

        (int progress, int operations, int fused) = StepCounts.Split(Counts);
        if (Current >= 0)
        {
            int stack = _positions[Positions[Current]].Stack;
            _machine.Runner.Skip(Current, _memo.Frame(stack), progress, operations, fused);
        }
    }

    /// <summary>The leaf of a step, which none was proposed for, or a wrong one; 0 if it is not recorded.</summary>
    internal int Find(int context, int outcome)
    {
        Slow++;
        if (!Fits)
            return 0;

        while (true)
        {
            int position = Positions[context];
            Write(_memory);
            Transition transition = Choices >> context << 63 != 0
                ? Transition.Choose(context, outcome)
                : Transition.Step(context);
            int stack = _positions[position].Stack;
            int step = _memo.StepFrom(transition, stack);
            if (step == 0 || _leaves.IsFull)
                return 0;

            if (NoteTouches(context, step))
            {
                Rebuild();
                if (!Fits)
                    return 0;

                continue;
            }

            if (!_leafOf.TryGetValue((position + outcome, step), out int leaf))
            {
                leaf = Compile(context, step, out bool isNew);
                if (isNew)
                {
                    Rebuild();
                    if (!Fits)
                        return 0;

                    continue;
                }

                if (leaf == 0)
                    return 0;

                _leafOf.Add((position + outcome, step), leaf);
                Write(_memory);
            }

            Span<byte> path = stackalloc byte[Chooser.CellsMax];
            int deciding = 0;
            int asked = _memo.DecidingFrom(transition, stack, _words);
            for (int i = 0; i < asked && deciding < path.Length; i++)
            {
                if (_layout.CellOf(_words[i]) is var cell and >= 0)
                    path[deciding++] = (byte)cell;
            }

            _leaves.Distinguish(position + outcome, path[..deciding]);
            _leaves.Lead(position + outcome, Cells, leaf);
            return _leaves[leaf].Holds(Cells) ? leaf : throw new InvalidOperationException("cells");
        }
    }

    /// <summary>Roles have changed: everything is built again, and the present state is another one.</summary>
    private void Rebuild()
    {
        int[] stacks = [.. Positions.Select(position => _positions[position].Stack)];
        Write(_before);
        Build();
        if (!Fits)
            return;

        _before.CopyTo(_memory, 0);
        Cells = Encode(stacks, Positions);
        if (Positions.Any(position => position < 0))
            throw new InvalidOperationException("cells: a position is lost");

        SetReady();
    }

    private int Compile(int context, int step, out bool isNew)
    {
        RecordedSteps steps = _memo.Table.Steps;
        isNew = false;
        StepOutcome outcome = steps.OutcomeOf(step);
        if (!StepCounts.Fits(outcome))
            return 0;

        int number = _leaves.AddLeaf();
        ref Leaf leaf = ref _leaves[number];
        ulong read = 0;
        Vector512<byte> guards = default;
        for (int i = 0; i < steps.Reads(step); i++)
        {
            (int word, int value) = steps.ReadAt(step, i);
            if (_layout.CellOf(word) is not (var cell and >= 0))
                continue;

            guards = guards.WithElement(cell, _layout.CodeOf(value));
            read |= 1UL << cell;
        }

        Vector512<byte> kept = Vector512<byte>.AllBitsSet;
        Vector512<byte> delta = default;
        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
        {
            _memory[_words[i]] = _values[i];
            if (_layout.CellOf(_words[i]) is not (var cell and >= 0))
                continue;

            byte code = _layout.CodeOf(_values[i]);
            if ((read >> cell & 1) == 0)
                kept = kept.WithElement(cell, (byte)0);

            delta = delta.WithElement(cell, (byte)(code ^ guards[cell])); // 0, if it was not read.
        }

        (leaf.Guards, leaf.Delta) = (guards, delta);
        leaf.GuardMask = read;
        int keeps = _leaves.NumberOfKept(kept);
        if (keeps < 0)
            return 0;

        leaf.Kept = (byte)keeps;
        leaf.Step = step;
        leaf.Counts = StepCounts.Of(outcome);
        if (PositionTable.WordAwaited(context, _memory) is var word2 and >= 0
            && _roles.Note(word2, context, isWritten: false))
        {
            isNew = true;
            return 0;
        }

        int next = _positions.NumberOf(context, outcome.Stack, _memory);
        if (next < 0 || !_layout.Fits)
            return 0;

        _leaves.Reserve(_positions.Count);
        leaf.Next = next;
        leaf.Ready = _positions[next].Ready;
        return number;
    }

    /// <summary>The step is run for real.</summary>
    internal void Check(int context, int outcome, int leaf)
    {
        Place();
        long progress = _machine.Progress;
        long operations = _machine.OperationsDone;
        bool isChoice = Choices >> context << 63 != 0;
        _machine.PerformItself(isChoice ? Transition.Choose(context, outcome) : Transition.Step(context));
        ref Leaf taken = ref _leaves[leaf];
        Vector512<byte> cells = Cells;
        int position = Positions[context];
        Cells = _leaves.After(Cells, taken);
        Positions[context] = taken.Next;
        Write(_before);
        Positions[context] = position;
        Cells = cells;
        int same = _memory.AsSpan().CommonPrefixLength(_before);
        int stack = _memo.KeepStack(context);
        (int p, int o, _) = StepCounts.Split(StepCounts.Spread(taken.Counts));
        if (_machine.Finding is not null || same < _machine.StateWords || stack != _positions[taken.Next].Stack
            || p != _machine.Progress - progress || o != _machine.OperationsDone - operations)
        {
            throw new StepMemoException($"cells: differs at {(same < _memory.Length ? _machine.Image.NameOf(same) : "")}");
        }
    }

    /// <summary>Nothing is enabled any more: asks the detectors, unless the same end was all right before.</summary>
    internal void Conclude()
    {
        UInt128 hash = EndHash();
        if (_goodEnds.Contains(hash))
            return;

        Place();
        _machine.Conclude();
        if (_machine.Finding is null && _goodEnds.Count < EndsMax)
            _goodEnds.Add(hash);
    }

    private UInt128 EndHash()
    {
        Span<byte> bytes = stackalloc byte[CellLayout.Lanes + (sizeof(int) * CellLayout.Lanes)];
        Cells.CopyTo(bytes);
        MemoryMarshal.AsBytes(Positions.AsSpan()).CopyTo(bytes[CellLayout.Lanes..]);
        return XxHash128.HashToUInt128(bytes[..(CellLayout.Lanes + (sizeof(int) * _contexts))]);
    }
}
