using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Readiness;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// Runs the contexts of a machine, each from one operation to the next, and answers kernel code on the way.
/// </summary>
internal sealed partial class ContextRunner
{
    private readonly FusionWatch? _fusionWatch; // Null on a machine that does not fuse.
    private readonly PlainAccessWatch? _plainAccesses; // Null if no word is watched.
    private readonly AccessJudge? _judge; // Null while the machine boots, when nothing is wrong.
    private readonly KernelStack[] _stacks = [];
    private readonly NearContexts? _near; // On a machine with very many contexts.
    private readonly int _loopTurnsMax;
    private int _loopTurns;
    private bool _isAnnounced;
    private long _calls;

    /// <summary>
    /// Runs the contexts of a machine of these parts; <paramref name="copyOnResume"/> if its states are to be returned
    /// to.
    /// </summary>
    internal ContextRunner(
        MachineParts parts,
        MachineSlot slot,
        KernelObjects objects,
        IContextReports reports,
        IDetectorEvents detectors,
        int loopTurnsMax,
        bool copyOnResume)
    {
        Parts = parts;
        Reports = reports;
        Detectors = detectors;
        Memory = parts.Memory;
        Tasks = parts.Tasks;
        Fusion = parts.Fusion;
        Paging = new PagedMemory(this);
        _fusionWatch = parts.Fusion.Watch;
        Operations = new OperationPerformer(this);
        Fused = new FusedOperations(this);
        _plainAccesses = parts.PlainAccesses;
        _judge = new AccessJudge(this, parts);
        SeeWhoLooks();
        _loopTurnsMax = loopTurnsMax;
        Pool = new MachinePool(this, slot) { Objects = objects };
        _stacks = new KernelStack[parts.Tasks.Contexts];
        for (int i = 0; i < _stacks.Length; i++)
            _stacks[i] = new KernelStack(Pool, copyOnResume);

        if (!copyOnResume)
            _near = NearContexts.For(parts.Memory.Unlogged, parts.Tasks, _stacks);
    }

    /// <summary>Answers code that boots: there is memory, and nothing else yet.</summary>
    internal ContextRunner(KernelWords memory)
    {
        Memory = memory;
        Pool = new MachinePool(this, slot: null);
    }

    /// <summary>What the machine is made of; null while it boots.</summary>
    internal MachineParts Parts { get; } = null!;

    /// <summary>Who is told what is wrong.</summary>
    internal IContextReports Reports { get; } = null!;

    /// <summary>Who looks for what is wrong.</summary>
    internal IDetectorEvents Detectors { get; } = null!;

    /// <summary>All of kernel memory.</summary>
    internal KernelWords Memory { get; set; }

    internal TaskTable Tasks { get; } = null!;

    /// <summary>What happens without a step of its own.</summary>
    internal FusionPolicy Fusion { get; } = null!;

    /// <summary>Accesses through virtual addresses.</summary>
    internal PagedMemory Paging { get; } = null!;

    /// <summary>What each operation does.</summary>
    internal OperationPerformer Operations { get; } = null!;

    /// <summary>Operations without a step of their own.</summary>
    internal FusedOperations Fused { get; } = null!;

    /// <summary>There are so many contexts that it pays to bring one near before it steps.</summary>
    internal bool HasFarContexts => _near is not null;

    /// <summary>The frames of the contexts' stacks.</summary>
    internal FramePool Pool { get; }

    /// <summary>Operations that tasks have finished.</summary>
    internal long OperationsDone { get; private set; }

    /// <summary>
    /// Operations that tasks have finished, rounds that they have chosen to go on after, and tasks that have ended.
    /// </summary>
    internal long Progress { get; private set; }

    /// <summary>The context that runs, or ran last; -1 before the first.</summary>
    internal int Current { get; set; } = -1;

    /// <summary>How often code of the scenario was called or has come back: odd while it runs.</summary>
    internal long Calls => Volatile.Read(ref _calls);

    /// <summary>Watches the accesses on a machine that fuses; null on others, and at boot.</summary>
    internal FusionWatch? FusionWatch => _fusionWatch;

    /// <summary>Kernel code runs right now: it is not looked at from outside.</summary>
    internal bool IsStepping { get; private set; }

    /// <summary>Who watches this machine closely, if anybody.</summary>
    internal IMachineObserver? Observer
    {
        get;
        set
        {
            field = value;
            SeeWhoLooks();
        }
    }

    internal KernelStack Stack(int context) => _stacks[context];

    /// <summary>Nobody has begun, and a call that has ended in an exception is forgotten.</summary>
    internal void Reset()
    {
        _calls += _calls & 1;
        OperationsDone = 0;
        Progress = 0;
        Fusion.Reset();
        foreach (KernelStack stack in _stacks)
            stack.Unwind();
    }

    /// <summary>Calls a context's function, up to its first operation.</summary>
    internal void Begin(int context, Func<KernelTask> body)
    {
        Current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        Fusion.BeginContext(context);
        KernelStack stack = _stacks[context];
        IsStepping = true;
        _calls++;
        stack.Start(body);
        ComeBack(context, stack);
    }

    /// <summary>Performs the operation that a context stands in front of, and runs on to the next.</summary>
    internal void Step(int context, int outcome)
    {
        Current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        Operation operation = Tasks.Pending(context);
        OperationKind kind = operation.Kind;
        _plainAccesses?.Forget(context);
        if (kind == OperationKind.Schedule && Operations.Sleeps(context))
            return;

        if (kind >= OperationKind.ArmLock && Operations.StopsHalfway(context, operation))
            return;

        Fusion.BeginStep(context, kind);
        KernelStack stack = _stacks[context];
        if (kind == OperationKind.Choose)
        {
            stack.ReturnRegister = outcome;
            if (operation.Second == OperationTable.ChoiceOfRound)
                Progress++;
        }
        else
        {
            stack.ReturnRegister = Operations.Perform(
                context, kind, operation.Target, operation.Argument, operation.Second);
        }

        Observer?.OnOperation(context, new PerformedOperation(operation, stack.ReturnRegister));
        IsStepping = true;
        _calls++;
        stack.ResumeHere();
        ComeBack(context, stack);
    }

    /// <summary>A context is about to step, and then another one may; -1 if nobody knows who.</summary>
    internal void Prepare(int next, int foreseen) => _near!.Bring(next, foreseen);

    /// <summary>The running context says what it is about to do, and stops in front of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Announce(Operation operation)
    {
        if (_isAnnounced)
            throw ContextDeath.NotAwaited(this, $"is about to do {operation.Kind}");

        _plainAccesses?.Settle(Current);
        Tasks.Announce(Current, operation);
        _isAnnounced = true;
    }

    /// <summary>Counts a turn of a loop of kernel code.</summary>
    /// <exception cref="KernelLivelockException">The loop does not end.</exception>
    internal void LoopTurn()
    {
        if (++_loopTurns > _loopTurnsMax)
            throw new KernelLivelockException(_loopTurnsMax);
    }

    /// <summary>A task has finished an operation of its own.</summary>
    internal void FinishOperation()
    {
        OperationsDone++;
        Progress++;
        Observer?.OnOperationDone(Current);
    }

    /// <summary>
    /// A step of a context was looked up: what is left of it is where its stack stands, and what counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Skip(int context, Frame? top, int progress, int operations, int fused)
    {
        Current = context;
        _stacks[context].Restore(top);
        Progress += progress;
        OperationsDone += operations;
        if (fused != 0)
            Fusion.CountFused(fused);
    }

    /// <summary>A detector looks at memory; what it sees is not accessed by kernel code.</summary>
    internal (bool WasStepping, bool WasWatched) LeaveKernelCode()
    {
        (bool, bool) before = (IsStepping, _fusionWatch is { IsStepping: true });
        IsStepping = false;
        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = false;

        return before;
    }

    /// <summary>The detector has looked.</summary>
    internal void ReturnToKernelCode((bool WasStepping, bool WasWatched) before)
    {
        IsStepping = before.WasStepping;
        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = before.WasWatched;
    }

    /// <summary>
    /// The call chain of the running context, as the second line of a message; nothing if nobody runs.
    /// </summary>
    internal string WhereItFails() =>
        IsStepping && Reports.RunningChain() is { Length: > 0 } chain ? $"\n  in {chain}" : "";

    /// <summary>Tells the detectors of a call that may sleep in a context that must not.</summary>
    internal void MaySleep(string function)
    {
        if (Parts.RunQueue.IsInAtomic(Current))
            Detectors.OnMaySleep(Current, function);
    }

    private void ComeBack(int context, KernelStack stack)
    {
        _calls++;
        IsStepping = false;
        Fusion.End();
        _near?.Note(context, stack.Top);
        if (stack.IsDone)
            End(context, stack);
        else if (!_isAnnounced)
            throw ContextDeath.AwaitedAgain(this);
    }

    private void End(int context, KernelStack stack)
    {
        if (_isAnnounced && stack.Exception is null)
            throw ContextDeath.NotAwaited(this, "ends");

        Tasks.Announce(context, default);
        _plainAccesses?.Settle(context);
        if (stack.Exception is { } exception)
        {
            // A dead task keeps its CPU and its locks, as after an oops with panic_on_oops off.
            Tasks.SetStatus(context, ContextStatus.Dead);
            Progress++;
            ContextDeath.Report(Reports, context, exception);
            return;
        }

        Detectors.OnExit(context);
        if (context >= Tasks.Count)
        {
            // Whoever was interrupted goes on after it, and everybody else could have come before it ended.
            _plainAccesses?.Forget(context);
            Parts.Interrupts.Return(context);
            return;
        }

        Progress++;
        Tasks.SetStatus(context, ContextStatus.Finished);
        Parts.RunQueue.Leave(context);
        Tasks.ForgetHeld(context);
    }
}
