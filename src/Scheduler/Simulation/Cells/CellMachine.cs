using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>
/// A machine whose state is one vector of cells, and a position for each context: the fastest way through steps that
/// were all recorded before.
/// </summary>
/// <remarks>
/// A step is a leaf: which cells it has read and what they were, what becomes of them, and where its context stands
/// then. Leaves are made of the steps that the machine's <see cref="StepMemo"/> has recorded, so what could make that
/// lie could make this lie too; and besides, a word that is taken for a context's own, or for one that never changes.
/// So each leaf notes what its step touches before it is used, and one of some hundred steps is performed as well, from
/// memory and stacks that are made of the cells, and all of memory compared. Never here are steps with a finding or an
/// exception, and steps that cannot be recorded: for these the state is put into the machine, which goes on by itself.
/// </remarks>
internal sealed class CellMachine
{
    private readonly Machine _machine;
    private readonly StepMemo _memo;
    private readonly WordRoles _roles;
    private readonly LeafMaker _maker;
    private readonly GoodEnds _ends;
    private readonly int _contexts;
    private readonly int _checkEvery;
    private readonly int[] _boot; // Memory after the boot.
    private readonly int[] _bootStacks;
    private readonly int[] _bootPositions;
    private readonly ulong _bootCounts;
    private readonly int _bootCurrent;
    private readonly int[] _scratch;
    private readonly int[] _positionsAfter; // A step that is compared.
    private readonly int[] _deciding;
    private readonly MissShare _detourShare = MissShare.OfLeaves();
    private Vector512<byte> _bootCells;
    private bool _isUnfit; // A state was met that cells cannot express.
    private long _detours;
    private long _steps;

    /// <summary>Looks for the words that the recorded steps of a machine touch.</summary>
    internal CellMachine(Machine machine, MemoOptions options)
    {
        _machine = machine;
        _memo = machine.Memo!;
        _contexts = machine.Tasks.Contexts;
        _roles = new WordRoles(machine.StateWords, options.HiddenFromCells);
        _maker = new LeafMaker(_memo.Table.Steps, _roles);
        _ends = new GoodEnds(options.CheckEvery);
        _checkEvery = Math.Max(1, options.CheckEvery);
        HiddenFromLooks = options.HiddenFromLooks;
        _bootStacks = new int[_contexts];
        _bootPositions = new int[_contexts];
        State = new CellState(_contexts);
        _scratch = new int[machine.Memory.Length];
        _positionsAfter = new int[_contexts];
        _deciding = new int[RecordedSteps.TouchesMax];
        machine.Reset();
        StepOutcome counted = _memo.Counted;
        _isUnfit = machine.Finding is not null || !StepCounts.Fits(counted);
        _bootCounts = StepCounts.Spread(StepCounts.Of(counted));
        _bootCurrent = machine.CurrentContext;
        for (int context = 0; context < _contexts; context++)
            _bootStacks[context] = _memo.KeepStack(context);

        _boot = [.. machine.Memory];
        foreach ((int context, int step) in _memo.Recorded())
            _maker.NoteTouches(context, step);

        Map = Build();
    }

    /// <summary>The machine that goes on where cells end.</summary>
    internal Machine Machine => _machine;

    /// <summary>Whether cells can express all that was met; if not, this is not to be used.</summary>
    internal bool Fits => !_isUnfit && Map.Fits;

    internal CellMap Map { get; private set; }

    internal CellState State { get; }

    /// <summary>Steps until one is performed as well.</summary>
    internal int StepsBeforeCheck { get; set; }

    /// <summary>Whether the next one is, if it is found.</summary>
    internal bool IsCheckNext => StepsBeforeCheck <= 0;

    /// <inheritdoc cref="MemoOptions.HiddenFromLooks"/>
    internal MemoryRegion? HiddenFromLooks { get; }

    /// <summary>How many were.</summary>
    internal long Checked { get; private set; }

    /// <summary>Whether the state of a machine can be cells, and this processor is fast at it.</summary>
    internal static bool Pays(Machine machine) => Bmi2.X64.IsSupported && IsPossible(machine)
        && (Avx512Vbmi.IsSupported || (CellState.HasHalves && machine.Tasks.Contexts <= CellState.FewContexts));

    /// <summary>Whether the state of a machine can be cells.</summary>
    internal static bool IsPossible(Machine machine) => machine.Memo is not null && machine.Observer is null
        && machine.Image is { IsPinned: true, Fuses: false } && machine.Tasks.Contexts <= CellLayout.Lanes;

    /// <summary>Boots again.</summary>
    internal void Reset()
    {
        State.Begin(Map, _bootCells, _bootPositions, _bootCounts);
        if (_machine.Finding is not null)
            _machine.ForgetFinding();
    }

    /// <summary>
    /// Whether of the steps since the last call so few were detours that it pays to go on with cells.
    /// </summary>
    internal bool PaysOff(long steps)
    {
        _steps += steps;
        return Fits && _detourShare.Pays(_steps, _detours);
    }

    /// <summary>How many transitions a context that can go on has.</summary>
    internal int OutcomesOf(int context) => Map.Positions[State.Positions[context]].Ready.Outcomes;

    /// <summary>The transition of a context by an outcome.</summary>
    internal Transition TransitionOf(int context, int outcome) =>
        State.IsBeforeChoice(context) ? Transition.Choose(context, outcome) : Transition.Step(context);

    /// <summary>Performs a step of a context; false if the machine has to do it.</summary>
    internal bool TryPerform(int context, int outcome)
    {
        int leaf = Map.Keys.Find(Map.Leaves, State.Positions[context] + outcome, State.CellsInMemory);
        if (leaf == 0)
            leaf = Learn(context, outcome);

        if (leaf == 0)
            return false;

        if (IsCheckDue())
            Check(context, outcome, leaf);

        State.Take(Map, context, Map.Leaves[leaf]);
        return true;
    }

    /// <summary>
    /// Puts the state into the machine, as if it had gone there itself; <paramref name="current"/> has run last, -1 for
    /// nobody.
    /// </summary>
    internal void Place(int current)
    {
        _machine.MakeCurrent();
        Write(_scratch);
        _machine.RestoreMemory(_scratch);
        _machine.Runner.Reset();
        for (int context = 0; context < _contexts; context++)
            _memo.PlaceStack(context, StackOf(context));

        (int progress, int operations, int fused) = StepCounts.Split(State.Counts);
        int last = current < 0 ? _bootCurrent : current;
        _memo.Skip(last, new StepOutcome(StackOf(last), progress, operations, fused));
    }

    /// <summary>Nothing is enabled any more: judges the end, unless the same one was good before.</summary>
    internal void Conclude(int current)
    {
        if (_ends.IsKnown(State, out UInt128 end))
            return;

        Place(current);
        _machine.Conclude();
        if (_machine.Finding is null)
            _ends.Add(end);
        else if (_ends.Contains(end))
            throw StepMemoException.Differs("an end that was good before", "it is not");
    }

    private bool IsCheckDue()
    {
        if (StepsBeforeCheck-- > 0)
            return false;

        // Many of the first ones, as most searches are short.
        StepsBeforeCheck = (int)Math.Min(_checkEvery - 1, ++Checked);
        return true;
    }

    /// <summary>The leaf of a step that no place leads to yet; 0 if it is not recorded, or cannot be a leaf.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // What is seldom done would make room for its vectors at each step.
    private int Learn(int context, int outcome)
    {
        _detours++;
        Transition transition = TransitionOf(context, outcome);
        while (Fits && !Map.Keys.IsFull)
        {
            Write(_machine.Memory);
            int stack = StackOf(context);
            int step = _memo.StepFrom(transition, stack);
            if (step == 0)
                return 0;

            int deciding = _memo.DecidingFrom(transition, stack, _deciding);
            bool isNew = _maker.NoteTouches(context, step);
            _maker.Perform(context, step, _machine.Memory);
            if (isNew | _maker.NoteAwaited(context, _machine.Memory))
            {
                Rebuild();
                continue;
            }

            int position = State.Positions[context] + outcome;
            if (!Map.LeafOf.TryGetValue((position, step), out int leaf))
                Map.LeafOf.Add((position, step), leaf = _maker.Make(Map, context, step, _machine.Memory));

            if (leaf == 0)
                return 0;

            if (!Map.Leaves[leaf].Holds(State.Cells))
                throw Differs(transition, "its leaf is not the step that was found");

            Map.Keys.Lead(position, Map.Layout.CellsOf(_deciding.AsSpan(0, deciding)), State.Cells, leaf);
            return leaf;
        }

        return 0;
    }

    private CellMap Build()
    {
        for (int context = 0; context < _contexts; context++)
            _maker.NoteAwaited(context, _boot);

        _ends.Clear();
        var map = new CellMap(_roles, _boot, _contexts);
        if (!map.Fits)
            return map;

        _bootCells = map.Read(_boot, _bootStacks, _bootPositions);
        _isUnfit |= _bootPositions.Contains(-1);
        return map;
    }

    /// <summary>Roles have changed: everything is built again, and the present state is another one.</summary>
    private void Rebuild()
    {
        int[] stacks = [.. Enumerable.Range(0, _contexts).Select(StackOf)];
        CellMap before = Map;
        Write(_scratch);
        CellMap map = Build();
        int[] positions = new int[_contexts];
        Vector512<byte> cells = map.Fits ? map.Read(_scratch, stacks, positions) : default;
        if (_isUnfit || !map.Fits || positions.Contains(-1))
        {
            _isUnfit = true; // The state stays as it was, for the machine to go on from.
            Map = before;
            return;
        }

        Map = map;
        State.Cells = cells;
        positions.CopyTo(State.Positions, 0);
        State.FindReady(map);
    }

    /// <summary>Performs a step for real, and compares all that it has done with what its leaf does.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Check(int context, int outcome, int leaf)
    {
        Transition transition = TransitionOf(context, outcome);
        Place(context);
        StepOutcome done = _memo.PerformItself(transition);
        if (_machine.Finding is { } finding)
            throw Differs(transition, $"it ends in a finding ({finding.Message.Split('\n')[0]})");

        ref Leaf taken = ref Map.Leaves[leaf];
        State.Positions.CopyTo(_positionsAfter, 0);
        _positionsAfter[context] = taken.Next;
        Map.Write(Map.Leaves.After(State.Cells, taken), _positionsAfter, _scratch);
        int same = _machine.Memory.AsSpan().CommonPrefixLength(_scratch);
        if (same < _machine.StateWords)
        {
            throw Differs(
                transition,
                $"{_machine.Image.NameOf(same)} is {_machine.Memory[same]} after it, and was to be {_scratch[same]}");
        }

        (int progress, int operations, int fused) = StepCounts.Split(StepCounts.Spread(taken.Counts));
        var said = new StepOutcome(Map.Positions[taken.Next].Stack, progress, operations, fused);
        if (done != said)
            throw Differs(transition, $"{done} instead of {said}");
    }

    private StepMemoException Differs(Transition transition, string what) =>
        StepMemoException.Differs($"step {transition} of {_machine.NameOf(transition.Subject)}", what);

    private int StackOf(int context) => Map.Positions[State.Positions[context]].Stack;

    private void Write(int[] memory) => Map.Write(State.Cells, State.Positions, memory);
}
