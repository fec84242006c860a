using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>A simulated machine: says which transitions are enabled, and performs the one that somebody else picks.</summary>
/// <remarks>
/// One thread steps it. All its state is in <see cref="Memory"/> and in the suspended frames of its contexts, so the two
/// together are a snapshot. The tables are views of that memory.
/// </remarks>
public sealed partial class Machine
{
    private readonly MachineImage _image = null!;
    private readonly KernelStack[] _stacks = [];
    private readonly FramePool _pool;
    private readonly Transition[] _enabled = [];
    private readonly byte[] _isInner = [];
    private int _current = -1;
    private int _loopTurns;
    private bool _isAnnounced;
    private bool _isCommitted; // The step has done something that others can see: what is visible next starts a new step.

    /// <summary>A machine that runs from <paramref name="image"/>; <paramref name="copyOnResume"/> if its states are to be returned to.</summary>
    public Machine(MachineImage image, bool copyOnResume = false)
    {
        ArgumentNullException.ThrowIfNull(image);
        _image = image;
        _pool = new FramePool { Owner = this };
        image.Slot.Enter(this);
        Memory = [.. image.Memory];
        Tasks = new TaskTable(Memory, image.Tasks.Count, image.Contexts);
        Cpus = new CpuTable(Memory, image.CpuBase, image.Cpus);
        Queues = new WaitQueueTable(Memory, Tasks);
        Mmu = new MmuTable(Memory, image.Mmu) { Cpus = image.Cpus };
        _stacks = new KernelStack[image.Contexts];
        for (int i = 0; i < _stacks.Length; i++)
            _stacks[i] = new KernelStack(_pool, copyOnResume);

        _isInner = new byte[Memory.Length];
        foreach (int spinLock in image.InnerLocks)
            _isInner[spinLock] = 1;

        _points = image.Options.Points;
        _fuses = image.Options.Fusion && image.IsPinned;
        _preemptOffset = image.Options.Preempt ? 1 : 0;
        _tracksLockUse = image.Interrupts.Count > 0;
        _enabled = new Transition[TransitionsMax(image) + 1]; // One more, as EnabledSteps writes before it decides.
        _onPteChange = Subscribers(MachineEvents.PteChange);
        _onWrongAccess = Subscribers(MachineEvents.WrongAccess);
        _onMaySleep = Subscribers(MachineEvents.MaySleep);
        _onExit = Subscribers(MachineEvents.Exit);
        _onSlotRelease = Subscribers(MachineEvents.SlotRelease);
        _onQuiescent = Subscribers(MachineEvents.Quiescent);
        _onState = Subscribers(MachineEvents.State);
    }

    /// <summary>A machine that is being booted: memory only.</summary>
    internal Machine() => _pool = new FramePool { Owner = this };

    /// <summary>What the machine was booted from.</summary>
    public MachineImage Image => _image;

    /// <summary>The tasks and interrupt handlers.</summary>
    public TaskTable Tasks { get; } = null!;

    /// <summary>The processors.</summary>
    public CpuTable Cpus { get; } = null!;

    /// <summary>The wait queues.</summary>
    public WaitQueueTable Queues { get; } = null!;

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public MmuTable Mmu { get; } = null!;

    /// <summary>The first thing found wrong since the last <see cref="Reset"/>; null if nothing.</summary>
    public Finding? Finding { get; private set; }

    /// <summary>Who watches this machine closely, if anybody.</summary>
    public IMachineObserver? Observer { get; set; }

    /// <summary>Operations that tasks have finished since the last <see cref="Reset"/>.</summary>
    public long OperationsDone { get; private set; }

    /// <summary>The context that runs, or ran last; -1 before the first.</summary>
    public int CurrentContext => _current;

    internal static Machine Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<Machine>(FramePool.Current.Owner!);
    }

    /// <summary>All of kernel memory.</summary>
    internal int[] Memory { get; private set; } = new int[256];

    internal KernelStack Stack(int context) => _stacks[context];

    internal FramePool Pool => _pool;

    /// <summary>Boots again: memory as in the image, and every task that has a CPU in front of its first operation.</summary>
    public void Reset()
    {
        MakeCurrent();
        _image.Memory.CopyTo(Memory, 0);
        Finding = null;
        OperationsDone = 0;
        FusedOperations = 0;
        for (int context = 0; context < _image.Tasks.Count; context++)
        {
            _stacks[context].Unwind();
            Tasks.SetStatus(context, ContextStatus.Runnable);
            if (!_image.HasOwnCpus)
                continue; // It begins when it is dispatched, as its first code may ask on which CPU it is.

            Place(context, context);
            Begin(context, _image.Tasks[context].Body);
        }

        for (int context = _image.Tasks.Count; context < _stacks.Length; context++)
            _stacks[context].Unwind();
    }

    /// <summary>What may happen next, in a fixed order; empty when nothing can. Valid until the next call.</summary>
    public ReadOnlySpan<Transition> Enabled()
    {
        int count = _image.IsPinned ? EnabledSteps() : EnabledOnCpus();
        return _enabled.AsSpan(0, count);
    }

    /// <summary>Lets one of the enabled transitions happen.</summary>
    public void Perform(Transition transition)
    {
        MakeCurrent();
        if (transition.Kind == TransitionKind.Step)
            StepContext(transition.Subject);
        else
            PerformOnCpu(transition);
    }

    /// <summary>Whether a context could perform its pending operation now, if it had a CPU.</summary>
    public bool IsReady(int context)
    {
        if (Tasks.Status(context) != ContextStatus.Runnable)
            return false;

        OperationKind kind = Tasks.Operation(context);
        if (kind == OperationKind.Acquire)
            return Memory[Tasks.Target(context)] == 0;

        return kind < OperationKind.Await || IsReadyToGoOn(context, kind);
    }

    /// <summary>The context that holds a spin lock, -1 if nobody does.</summary>
    public int HolderOf(int spinLock) => Memory[spinLock] - 1;

    /// <summary>The call chain of a suspended context, innermost first, under C names.</summary>
    public IReadOnlyList<string> CallChain(int context) => KernelCallChain.OfSuspended(_stacks[context].Top);

    /// <summary>Shows the present state to the detectors that look at every one.</summary>
    public void CheckState()
    {
        foreach (Detector detector in _onState)
            detector.OnState(this);

        Check(_image.StateChecks);
    }

    /// <summary>Judges the state that a schedule has led to: its end if nothing is enabled, and what must hold in every state.</summary>
    public void CheckReached()
    {
        MakeCurrent();
        if (Finding is null && Enabled().IsEmpty)
            Conclude();

        if (Finding is null)
            CheckState();
    }

    /// <summary>Tells the detectors that no transition is enabled any more; asks the scenario if everybody has finished.</summary>
    public void Conclude()
    {
        MakeCurrent();
        foreach (Detector detector in _onQuiescent)
            detector.OnQuiescent(this);

        for (int task = 0; task < Tasks.Count; task++)
        {
            if (Tasks.Status(task) != ContextStatus.Finished)
                return;
        }

        Check(_image.EndChecks);
    }

    /// <summary>Records what is wrong; only the first finding of an execution counts.</summary>
    public void Report(FailureClass failure, string message)
    {
        if (Finding is not null)
            return;

        Finding = new Finding(failure, message);
        FusedAtFinding = FusedOperations;
    }

    /// <summary>Forgets the finding, for a caller that goes on after it.</summary>
    public void ForgetFinding() => Finding = null;

    /// <summary>The name of a context, for people: "task 1 (churn)".</summary>
    public string NameOf(int context) => context < Tasks.Count
        ? $"task {context}"
        : $"{_image.Interrupts[(context - Tasks.Count) / Cpus.Count].Name} on CPU {(context - Tasks.Count) % Cpus.Count}";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MakeCurrent() => _pool.MakeCurrent();

    internal void Grow(int words)
    {
        if (words <= Memory.Length)
            return;

        int[] larger = new int[Math.Max(words, Memory.Length * 2)];
        Memory.CopyTo(larger, 0);
        Memory = larger;
    }

    /// <summary>The most transitions that can be enabled at once.</summary>
    internal static int TransitionsMax(MachineImage image) =>
        image.Contexts + (image.Cpus * (image.Tasks.Count + image.Interrupts.Count + 2));

    private void Check(Func<EndCheck?>[] checks)
    {
        foreach (Func<EndCheck?> check in checks)
        {
            if (check() is { } wrong)
                Report(wrong.Class, wrong.Message);
        }
    }

    private int EnabledSteps()
    {
        // The hottest loop of an exploration: IsReady for every task, with each task's words looked up once.
        int count = 0;
        int[] memory = Memory;
        Transition[] enabled = _enabled;
        for (int context = 0; context < Tasks.Count; context++)
        {
            TaskWords task = TaskTable.WordsOf(memory, context);
            int isRunnable = task.Status == ContextStatus.Runnable ? 1 : 0;
            int isAcquire = task.Operation == OperationKind.Acquire ? 1 : 0;
            int isTaken = memory[task.Target * isAcquire] != 0 ? 1 : 0;

            // Nobody can guess which tasks are ready, so no branch asks.
            enabled[count] = Transition.Step(context);
            count += isRunnable & ~(isAcquire & isTaken);
            if (task.Operation >= OperationKind.Await && isRunnable != 0 && !IsReadyToGoOn(context, task.Operation))
                count--;
        }

        return count;
    }

    private void StepContext(int context)
    {
        _current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        TaskWords task = TaskTable.WordsOf(Memory, context);
        OperationKind kind = task.Operation;
        _isCommitted = kind is not (OperationKind.Acquire or OperationKind.Resume);
        if (kind == OperationKind.Schedule && GoesToSleep(context))
            return;

        if (kind >= OperationKind.ArmLock && StopsHalfway(context, kind))
            return;

        KernelStack stack = _stacks[context];
        stack.ReturnRegister = Execute(kind, context, task.Target, task.Argument, task.SecondArgument);
        Observer?.OnOperation(context, kind, task.Target, task.Argument, fused: false);
        stack.ResumeHere();
        if (stack.IsDone)
            End(context);
    }

    /// <summary>Calls a context's function, up to its first operation.</summary>
    private void Begin(int context, Func<KernelTask> body)
    {
        _current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        _isCommitted = true;
        KernelStack stack = _stacks[context];
        stack.Start(body);
        if (stack.IsDone)
            End(context);
    }

    private void End(int context)
    {
        Tasks.Announce(context, OperationKind.None, 0, 0, 0);
        if (_stacks[context].Exception is { } exception)
        {
            // A dead task keeps its CPU and its locks, as after an oops with panic_on_oops off.
            Tasks.SetStatus(context, ContextStatus.Dead);
            ReportDeath(context, exception);
            return;
        }

        foreach (Detector detector in _onExit)
            detector.OnExit(this, context);

        if (context >= Tasks.Count)
        {
            ReturnFromInterrupt(context);
            return;
        }

        Tasks.SetStatus(context, ContextStatus.Finished);
        LeaveCpu(context);
        Tasks.ForgetHeld(context);
    }

    private void ReportDeath(int context, Exception exception)
    {
        switch (exception)
        {
            case KernelBugException:
                break; // Reported where it happened, with the call chain.
            case KernelLivelockException:
                Report(FailureClass.Livelock, $"{exception.Message}, in {NameOf(context)}");
                break;
            case ArgumentOutOfRangeException or IndexOutOfRangeException or ArithmeticException or NullReferenceException:
                Report(FailureClass.BugOn, $"Oops in {NameOf(context)}: {exception.Message}");
                break;
            default:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
                break;
        }
    }
}
