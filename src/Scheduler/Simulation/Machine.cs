using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// A simulated machine: says which transitions are enabled, and performs the one that somebody else picks.
/// </summary>
/// <remarks>
/// One thread steps it. All its state is in <see cref="Memory"/> and in the suspended frames of its contexts, so the
/// two together are a snapshot. The tables are views of that memory, the controllers are the rules by which it changes,
/// and <see cref="ContextRunner"/> runs the code.
/// </remarks>
public sealed partial class Machine : IContextReports, IStepPerformer
{
    private const int LeastCounted = 12; // Fewer contexts are looked at as fast as what has changed.

    private readonly EnabledTransitions _transitions;
    private readonly TouchLog? _log; // Null on a machine that records no steps.

    /// <summary>
    /// A machine that runs from <paramref name="image"/>; <paramref name="copyOnResume"/> if its states are to be
    /// returned to.
    /// </summary>
    public Machine(MachineImage image, bool copyOnResume = false)
        : this(image, copyOnResume, logsTouches: false)
    {
    }

    /// <summary>A machine that looks steps up which it has performed before.</summary>
    internal Machine(MachineImage image, FrameStore frames, MemoOptions memo)
        : this(image, copyOnResume: true, logsTouches: true, memo.Hidden)
    {
        Looks = new LookLog(_log!, image.StackBase, MachineBuilder.StackHashWords, memo.HiddenFromChecks);
        Memo = new StepMemo(
            this,
            Runner,
            new StateLayout(Memory, StateWords, image.SpinLocks),
            _log!,
            new FrameCache(frames, Pool),
            memo);
    }

    /// <summary>
    /// A machine that, if <paramref name="logsTouches"/>, says which words a transition touches to whoever asks
    /// <see cref="Touches"/>.
    /// </summary>
    internal Machine(MachineImage image, bool copyOnResume, bool logsTouches, MemoryRegion? hidden = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        Image = image;
        Memory = [.. image.Memory];
        _log = logsTouches ? new TouchLog(Memory, hidden) : null;
        Words = new KernelWords(Memory, _log);
        bool isLarge = image.IsPinned && image.Contexts > Transition.MaxSmall;

        // Who changes memory otherwise than by the tables has no sets of what is ready; those few are listed as fast.
        bool isPlain = !copyOnResume && !logsTouches;
        bool countsReady = isLarge || (image.IsPinned && isPlain && image.Contexts >= LeastCounted);
        Tasks = new TaskTable(Words, image.Tasks.Count, image.Contexts)
        {
            Changes = countsReady ? new ContextChanges(image.Contexts) : null,
        };
        Cpus = new CpuTable(Words, image.CpuBase, image.Cpus);
        Queues = new WaitQueueTable(Words, Tasks);
        Mmu = new MmuTable(Words, image.Mmu)
        {
            Cpus = image.Cpus,
            Translations = countsReady ? new CachedTranslations() : null,
        };
        Detectors = new DetectorSet(this, image);
        MachineParts parts = MakeParts();
        _transitions = new EnabledTransitions(parts, Memory, image.TransitionsMax);
        Runner = new ContextRunner(
            parts, image.Slot, image.Objects, this, Detectors, image.Options.LoopTurnsMax, copyOnResume);
        image.Slot.Enter(Runner);
        image.Options.Watch?.Add(this);
    }

    /// <summary>What the machine was booted from.</summary>
    public MachineImage Image { get; }

    /// <summary>The tasks and interrupt handlers.</summary>
    public TaskTable Tasks { get; }

    /// <summary>The processors.</summary>
    public CpuTable Cpus { get; }

    /// <summary>The wait queues.</summary>
    public WaitQueueTable Queues { get; }

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public MmuTable Mmu { get; }

    /// <summary>The first thing found wrong since the last <see cref="Reset"/>; null if nothing.</summary>
    public Finding? Finding { get; private set; }

    /// <summary>Who watches this machine closely, if anybody.</summary>
    public IMachineObserver? Observer
    {
        get => Runner.Observer;
        set
        {
            Runner.Observer = value;
            Runner.Pool.CallObserver = value as ICallObserver;
        }
    }

    /// <summary>Operations that tasks have finished since the last <see cref="Reset"/>.</summary>
    public long OperationsDone => Runner.OperationsDone;

    /// <summary>The context that runs, or ran last; -1 before the first.</summary>
    public int CurrentContext => Runner.Current;

    /// <summary>
    /// Operations that tasks have finished, rounds that they have chosen to go on after, and tasks that have ended.
    /// </summary>
    internal long Progress => Runner.Progress;

    /// <summary><see cref="FusionPolicy.FusedOperations"/> at the moment of the finding.</summary>
    internal int FusedAtFinding { get; private set; }

    /// <summary>All of kernel memory.</summary>
    internal int[] Memory { get; }

    /// <summary>The same as steps, and whoever is asked while one runs, reach it.</summary>
    internal KernelWords Words { get; }

    internal LockTable Locks => Runner.Parts.Locks;

    internal InterruptController Interrupts => Runner.Parts.Interrupts;

    internal RunQueue RunQueue => Runner.Parts.RunQueue;

    internal ShootdownController Shootdowns => Runner.Parts.Shootdowns;

    internal FusionPolicy Fusion => Runner.Fusion;

    internal DetectorSet Detectors { get; }

    internal ContextRunner Runner { get; }

    /// <summary>
    /// A word of which nobody sees whether accesses of it race, though they may; null if there is none.
    /// </summary>
    internal string? SharedUnseen => Runner.Parts.PlainAccesses?.SharedUnseen;

    /// <summary>What transitions touch; null on a machine that logs nothing.</summary>
    internal TouchLog? Touches => _log;

    /// <summary>What whoever judges a state looks at; null on a machine that logs nothing.</summary>
    internal LookLog? Looks { get; }

    /// <summary>The steps that are looked up; null if every one is performed.</summary>
    internal StepMemo? Memo { get; }

    /// <summary>
    /// Boots again: memory as in the image, and every task that has a CPU in front of its first operation.
    /// </summary>
    public void Reset()
    {
        BeginOnThread();
        Mmu.Reset(Memory, Image.Memory);
        _transitions.Forget();
        Finding = null;
        Runner.Reset();
        for (int task = 0; task < Tasks.Count; task++)
        {
            Tasks.SetStatus(task, ContextStatus.Runnable);
            if (!Image.HasOwnCpus)
                continue; // It begins when it is dispatched, as its first code may ask on which CPU it is.

            RunQueue.Place(task, task);
            Runner.Begin(task, Image.Tasks[task].Body);
        }
    }

    /// <summary>What may happen next, in a fixed order; empty when nothing can. Valid until the next call.</summary>
    public ReadOnlySpan<Transition> Enabled() => _transitions.List();

    /// <summary>Whether transitions can be counted, and picked by number, without listing them all.</summary>
    internal bool CanCountEnabled => _transitions.IsCounted;

    /// <summary>Whether they are only counted, as there may be very many, unless somebody asks for the list.</summary>
    internal bool CountsEnabled => CanCountEnabled && Image.Contexts > Transition.MaxSmall;

    /// <summary>The length of <see cref="Enabled"/>, where that can be counted.</summary>
    internal int CountEnabled() => _transitions.Count();

    /// <summary>One of <see cref="Enabled"/>, as it was at the last count.</summary>
    internal Transition EnabledAt(int number) => _transitions.At(number);

    /// <summary>Whether it is worth while to call <see cref="Prepare"/>.</summary>
    internal bool Prepares => Runner.HasFarContexts;

    /// <summary>
    /// A transition is about to happen, and then one is picked uniformly by the number <paramref name="draw"/>: asks
    /// for the memory that these two begin with. Yields who is foreseen to be picked, or -1.
    /// </summary>
    internal int Prepare(Transition next, uint draw)
    {
        int foreseen = _transitions.Foresee(next.Subject, draw);
        Runner.Prepare(next.Subject, foreseen);
        return foreseen;
    }

    /// <summary>Lets one of the enabled transitions happen.</summary>
    public void Perform(Transition transition)
    {
        MakeCurrent();
        PerformHere(transition);
    }

    /// <summary><see cref="Perform"/>, on a thread that steps this machine already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Into the loop of all executions.
    internal void PerformHere(Transition transition)
    {
        if (Memo is not null && Memo.TryPerform(transition))
            return;

        if (transition.Kind == TransitionKind.Step)
            Runner.Step(transition.Subject, outcome: 0); // Which nearly all are.
        else
            PerformItself(transition);
    }

    void IStepPerformer.PerformItself(Transition transition) => PerformItself(transition);

    /// <summary>Lets one of the enabled transitions happen; looks nothing up.</summary>
    internal void PerformItself(Transition transition)
    {
        int cpu = transition.Subject;
        switch (transition.Kind)
        {
            case TransitionKind.Step:
                Runner.Step(transition.Subject, outcome: 0);
                break;
            case TransitionKind.Choose:
                Runner.Step(transition.Subject, transition.Argument);
                break;
            case TransitionKind.Dispatch:
                Dispatch(transition.Argument, cpu);
                break;
            case TransitionKind.Preempt:
                Runner.Current = Cpus.Current(cpu);
                RunQueue.Preempt(Runner.Current);
                break;
            case TransitionKind.Interrupt:
                Runner.Begin(Interrupts.Fire(cpu, transition.Argument), Image.Interrupts[transition.Argument].Handler);
                break;
            default:
                Runner.Current = Math.Max(0, Cpus.Current(cpu));
                Shootdowns.Acknowledge(cpu);
                break;
        }
    }

    /// <summary>Reads the words that decide whether a transition is enabled, for a log of what it touches.</summary>
    internal bool LookWhether(Transition transition) => _transitions.LookWhether(transition);

    /// <summary>Whether a context could perform its pending operation now, if it had a CPU.</summary>
    public bool IsReady(int context) => _transitions.IsReady(context);

    /// <summary>Whether a context stands before the choice of another round.</summary>
    public bool IsBeforeRound(int context) =>
        Tasks.Pending(context) is { Kind: OperationKind.Choose, Second: OperationTable.ChoiceOfRound };

    /// <summary>Records what is wrong; only the first finding of an execution counts.</summary>
    public void Report(FailureClass failure, string message)
    {
        if (Finding is not null)
            return;

        Finding = new Finding(failure, message);
        FusedAtFinding = Fusion.FusedOperations;
    }

    /// <summary>Forgets the finding, for a caller that goes on after it.</summary>
    public void ForgetFinding() => Finding = null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MakeCurrent() => Runner.Pool.MakeCurrent();

    /// <summary>The same, for a thread that may not have stepped it before.</summary>
    internal void BeginOnThread()
    {
        MakeCurrent();
        Image.Outside.BeginOnThread();
    }

    private MachineParts MakeParts()
    {
        CpuRules rules = Image.Rules;
        var interrupts = new InterruptController(Words, Tasks, Cpus, Image.Interrupts, Image.InterruptBase);
        var locks = new LockTable(
            Words, Tasks, Cpus, interrupts, Image.InnerLocks, rules, Image.Options.ChecksLocks, this);
        FusionWatch? watch = Image.Fuses ? new FusionWatch(Words, Tasks, Mmu, Image.FusionLayout, this) : null;
        return new MachineParts(
            Words,
            Tasks,
            Cpus,
            Queues,
            Mmu,
            rules,
            interrupts,
            new RunQueue(Tasks, Cpus, rules),
            new ShootdownController(Words, Tasks, Cpus, Mmu, interrupts, Image.CallLock, rules),
            locks,
            new FusionPolicy(Words, Tasks, locks.InnerLocks, Image.Options.Points, watch),
            Image.PlainBase < 0
                ? null
                : new PlainAccessWatch(Words, Tasks, Image.PlainBase, Image.WatchedWords(), Image.Memory, this));
    }

    private void Dispatch(int task, int cpu)
    {
        RunQueue.Dispatch(task, cpu);
        Runner.Current = task;
        if (Runner.Stack(task).IsDone)
            Runner.Begin(task, Image.Tasks[task].Body);
    }
}
