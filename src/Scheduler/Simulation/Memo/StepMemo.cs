using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Looks steps up that the machine has performed before, instead of performing them again.</summary>
/// <remarks>
/// What could make it lie: a read that the log misses, as then a step is taken for another one. So nothing that runs in
/// a step can reach memory but through <see cref="KernelWords"/>; two recorded steps that have read the same must have
/// gone the same way; and one of some hundred steps that are found is performed as well, and all of memory compared.
/// Never kept are steps with a finding, with an exception, or with a look at another context's stack; and with an
/// observer nothing is looked up.
/// </remarks>
internal sealed class StepMemo
{
    private const int LocksMax = 64;
    private const int NoRoot = int.MinValue;
    private const long BytesMax = 64 << 20;
    private const long BytesNear = 5 << 20; // More are far from a core: to read ten of them takes as long as the step.

    private readonly IStepPerformer _machine;
    private readonly IContextReports _names;
    private readonly int[] _memory;
    private readonly ContextRunner _runner;
    private readonly TouchLog _log;
    private readonly FrameCache _frames;
    private readonly StepTable _table = new();
    private readonly Dictionary<(int Root, int Outcome, long Locks), int> _otherRoots = [];
    private readonly MissShare _missShare = MissShare.OfRecordedSteps();
    private readonly int[] _before; // Memory before a step that is compared.
    private int[] _contextsOfLooks = []; // Of those that are under way at once.
    private readonly int _contexts;
    private readonly int _stateWords;
    private readonly FusionWatch? _watch; // Wants to know what each access has held.
    private readonly int[] _spinLocks;
    private CheckRhythm _checks;
    private bool _isRecording;
    private bool _isUnfit; // The step that is recorded must not be kept.

    /// <summary>Looks up the steps of a machine whose parts are run by <paramref name="runner"/>.</summary>
    internal StepMemo(
        IStepPerformer machine,
        ContextRunner runner,
        StateLayout layout,
        TouchLog log,
        FrameCache frames,
        MemoOptions options)
    {
        _machine = machine;
        _names = runner.Reports;
        _memory = layout.Memory;
        _stateWords = layout.Words;
        _runner = runner;
        _log = log;
        _frames = frames;
        _before = new int[_memory.Length];
        _contexts = runner.Tasks.Contexts;
        _checks = new CheckRhythm(options.CheckEvery);
        _watch = runner.FusionWatch;
        _spinLocks = layout.SpinLocks;
    }

    /// <summary>Steps that were looked up.</summary>
    internal long Hits { get; private set; }

    /// <summary>Steps that were performed because none like them was recorded.</summary>
    internal long Misses { get; private set; }

    /// <summary>Steps that were performed and could not be recorded.</summary>
    internal long Unrecorded { get; private set; }

    /// <summary>Steps that were looked up and performed as well.</summary>
    internal long Checked => _checks.Count;

    /// <summary>The steps that are recorded.</summary>
    internal StepTable Table => _table;

    /// <summary>Performs a transition if it is a step of a task's code; false if the machine has to do it.</summary>
    internal bool TryPerform(Transition transition)
    {
        if (!transition.IsStep || _runner.Observer is not null || _machine.Finding is not null)
            return false;

        int root = RootOf(transition);
        int context = transition.Subject;
        int step = root == NoRoot ? 0 : _table.Find(root, context, _memory);
        if (root == NoRoot || (step == 0 && _table.Bytes >= BytesMax))
        {
            Unrecorded++; // There is no place, or no room, for it.
            return false;
        }

        if (step == 0)
            Record(root, transition);
        else if (_watch is not null && _table.Steps.EntriesOf(step) is { } pages
            && _watch.Entries.IsAnyInUse(context, pages))
            return false; // The watch over fusion wants to see that itself.
        else if (_checks.IsDue())
            Check(step, transition);
        else
            Apply(step, context);

        return true;
    }

    /// <summary>The recorded step that a transition is in the state of the machine; 0 if there is none.</summary>
    internal int StepOf(Transition transition)
    {
        int root = RootOf(transition);
        return root == NoRoot ? 0 : _table.Find(root, transition.Subject, _memory);
    }

    /// <summary>
    /// The recorded step that a transition of the machine's state is, for somebody who reads off what it does and does
    /// not let the machine do it; 0 if the machine has to.
    /// </summary>
    /// <param name="transition">A step of a task's code.</param>
    /// <param name="stack">The number of the stack on which its task stands, which need not be in the machine.</param>
    internal int Find(Transition transition, int stack)
    {
        if (transition.Kind != TransitionKind.Step || stack == 0 || _runner.Observer is not null)
            return 0;

        int context = transition.Subject;
        int root = RootOf(transition, stack);
        int step = root == NoRoot ? 0 : _table.Find(root, context, _memory);
        if (step == 0 || _watch is null || _table.Steps.EntriesOf(step) is not { } pages)
            return step;

        return _watch.Entries.IsAnyInUse(context, pages) ? 0 : step;
    }

    /// <summary>The same for several transitions, each of a context of its own, from stacks by context.</summary>
    internal void FindAll(ReadOnlySpan<Transition> transitions, int[] stacks, Span<int> steps)
    {
        if (_contextsOfLooks.Length < transitions.Length)
            _contextsOfLooks = new int[transitions.Length];

        bool isObserved = _runner.Observer is not null;
        Span<int> contexts = _contextsOfLooks.AsSpan(0, transitions.Length);
        for (int i = 0; i < transitions.Length; i++)
        {
            Transition transition = transitions[i];
            bool isLookedFor = transition.Kind == TransitionKind.Step && !isObserved;
            contexts[i] = isLookedFor ? transition.Subject : 0;
            int stack = isLookedFor ? stacks[transition.Subject] : 0;
            steps[i] = stack == 0 ? NoRoot : RootOf(transition, stack);
        }

        _table.FindAll(steps[..transitions.Length], contexts, _memory);
        for (int i = 0; i < transitions.Length && _watch is not null; i++)
        {
            int[]? pages = steps[i] == 0 ? null : _table.Steps.EntriesOf(steps[i]);
            if (pages is not null && _watch.Entries.IsAnyInUse(contexts[i], pages))
                steps[i] = 0;
        }
    }

    /// <summary>
    /// The recorded step of a transition from a stack, with memory as it is; 0 if there is none.
    /// </summary>
    internal int StepFrom(Transition transition, int stack)
    {
        int root = stack == 0 ? NoRoot : RootOf(transition, stack);
        return root == NoRoot ? 0 : _table.Find(root, transition.Subject, _memory);
    }

    /// <summary>
    /// The addresses of the words that decide which step <see cref="StepFrom"/> finds; yields how many.
    /// </summary>
    internal int DecidingFrom(Transition transition, int stack, Span<int> addresses) =>
        _table.DecidingFrom(RootOf(transition, stack), _memory, addresses);

    /// <summary>All steps that are recorded but those that are choices, with the context of each.</summary>
    internal IEnumerable<(int Context, int Step)> Recorded() =>
        _table.Recorded().Select(each => (each.Root % _contexts, each.Step));

    /// <summary>What was counted since the machine was reset, without a stack.</summary>
    internal StepOutcome Counted =>
        new(stack: 0, _runner.Progress, _runner.OperationsDone, _runner.Fusion.FusedOperations);

    /// <summary>The number of the stack on which a context stands.</summary>
    internal int KeepStack(int context)
    {
        KernelStack stack = _runner.Stack(context);
        return stack.Top is { } top ? Keep(stack, top) : 0;
    }

    /// <summary>Puts a context onto the stack with a number.</summary>
    internal void PlaceStack(int context, int stack) => _runner.Stack(context).Restore(_frames[stack]);

    /// <summary>Counts what a step of a context has counted that was performed elsewhere.</summary>
    internal void Skip(int context, StepOutcome outcome) => _runner.Skip(
        context, _frames[outcome.Stack], outcome.Progress, outcome.Operations, outcome.Fused);

    /// <summary>Performs a transition, and looks nothing up; yields nothing if that ends in a finding.</summary>
    internal StepOutcome PerformItself(Transition transition)
    {
        (long, long, int) before = Counters();
        _machine.PerformItself(transition);
        return _machine.Finding is null ? Since(before, transition.Subject) : default;
    }

    /// <summary>
    /// Whether so few were new of the steps that were made since somebody asked, and they are found so near, that it
    /// pays to look them up.
    /// </summary>
    /// <param name="steps">All that were made so far, wherever they were found.</param>
    /// <param name="leadsToCells">Soon they are looked up elsewhere, where far fewer bytes are read.</param>
    internal bool PaysOff(long steps, bool leadsToCells) =>
        _missShare.Pays(steps, Misses) && _table.Bytes < (leadsToCells ? BytesMax : BytesNear);

    /// <summary>Somebody looks at a stack; a step that looks at another one's depends on it.</summary>
    internal void NoteStack(int context)
    {
        if (_isRecording && context != _runner.Current)
            _isUnfit = true;
    }

    /// <summary>Where a transition is looked for; <see cref="NoRoot"/> if it is not recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int RootOf(Transition transition)
    {
        KernelStack stack = _runner.Stack(transition.Subject);
        if (stack.Top is not { } top)
            return NoRoot; // The context has not begun, or has ended.

        int number = top.Number;
        if (number == 0)
            number = Keep(stack, top);

        return RootOf(transition, number);
    }

    /// <summary>The same, for a context that stands on the stack with a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int RootOf(Transition transition, int stack)
    {
        if (_watch is not null && _spinLocks.Length > LocksMax)
            return NoRoot; // There is no bit for each.

        int context = transition.Subject;
        int root = (stack * _contexts) + context;
        long locks = _watch is null ? 0 : LocksOf(context);
        int outcome = transition.Kind == TransitionKind.Choose ? transition.Argument : 0;
        return outcome != 0 || locks != 0 ? OtherRoot(root, outcome, locks) : root;
    }

    private int Keep(KernelStack stack, Frame top)
    {
        int number = _frames.NumberOf(top);
        stack.Restore(_frames[number]);
        return number;
    }

    /// <summary>
    /// The root of what the stack alone does not tell: which outcome is chosen, and, for whoever watches accesses,
    /// which locks the context holds.
    /// </summary>
    private int OtherRoot(int root, int outcome, long locks)
    {
        if (_otherRoots.TryGetValue((root, outcome, locks), out int other))
            return other;

        other = ~_otherRoots.Count;
        _otherRoots.Add((root, outcome, locks), other);
        return other;
    }

    private void Record(int root, Transition transition)
    {
        Misses++;
        (long, long, int) before = Counters();
        _isUnfit = false;
        _isRecording = true;
        _log.Begin();
        try
        {
            _machine.PerformItself(transition);
        }
        finally
        {
            _log.End();
            _isRecording = false;
        }

        if (_machine.Finding is null && !_isUnfit && _log.Count <= RecordedSteps.TouchesMax)
            Keep(root, transition.Subject, Since(before, transition.Subject));
    }

    private void Keep(int root, int context, StepOutcome outcome)
    {
        int step = _table.Add(root, context, _log, _memory, outcome);
        if (_watch is not null)
            _table.Steps.SetEntries(step, _watch.Entries.Written);
    }

    /// <summary>Which locks a context holds, a bit for each.</summary>
    private long LocksOf(int context)
    {
        long held = 0;
        for (int i = 0; i < _spinLocks.Length; i++)
            held |= _memory[_spinLocks[i]] == context + 1 ? 1L << i : 0;

        return held;
    }

    /// <summary>Performs a step that was found, and compares all that it has done with what was recorded.</summary>
    private void Check(int step, Transition transition)
    {
        _memory.CopyTo(_before, 0);
        (long, long, int) before = Counters();
        _machine.PerformItself(transition);
        if (_machine.Finding is { } finding)
            throw Differs(transition, $"it ends in a finding ({finding.Message.Split('\n')[0]})");

        _table.Steps.Write(step, transition.Subject, _before);

        int same = _memory.AsSpan().CommonPrefixLength(_before);
        if (same < _stateWords)
        {
            throw Differs(
                transition,
                $"{_names.NameOfWord(same)} is {_memory[same]} after it, and was to be {_before[same]}");
        }

        StepOutcome outcome = Since(before, transition.Subject);
        if (outcome != _table.Steps.OutcomeOf(step))
            throw Differs(transition, $"{outcome} instead of {_table.Steps.OutcomeOf(step)}");
    }

    private StepMemoException Differs(Transition transition, string what) =>
        StepMemoException.Differs($"step {transition} of {_names.NameOf(transition.Subject)}", what);

    private (long Progress, long Operations, int Fused) Counters() =>
        (_runner.Progress, _runner.OperationsDone, _runner.Fusion.FusedOperations);

    private StepOutcome Since((long Progress, long Operations, int Fused) before, int context)
    {
        int number = KeepStack(context);
        (long progress, long operations, int fused) = Counters();
        return new StepOutcome(
            number, progress - before.Progress, operations - before.Operations, fused - before.Fused);
    }

    private void Apply(int step, int context)
    {
        Hits++;
        _table.Steps.Write(step, context, _memory);
        StepOutcome outcome = _table.Steps.OutcomeOf(step);
        _runner.Skip(context, _frames[outcome.Stack], outcome.Progress, outcome.Operations, outcome.Fused);
    }
}

/// <summary>Where a machine keeps its state.</summary>
/// <param name="Memory">All of memory.</param>
/// <param name="Words">How much of it is state, from the start.</param>
/// <param name="SpinLocks">The addresses of the spin locks.</param>
internal sealed record StateLayout(int[] Memory, int Words, int[] SpinLocks);
