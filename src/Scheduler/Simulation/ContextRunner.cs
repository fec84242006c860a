using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// Runs the contexts of a machine, each from one operation to the next, and answers kernel code on the way.
/// </summary>
internal sealed partial class ContextRunner
{
    private readonly FusionWatch? _fusionWatch; // Null on a machine that does not fuse.
    private readonly PlainAccessWatch? _plainAccesses; // Null if no word is watched.
    private readonly LockTable _locks = null!;
    private readonly OperationPerformer _operations = null!;
    private readonly bool _judgesUnguarded; // Accesses of words that no lock guards matter here.
    private readonly KernelStack[] _stacks = [];
    private readonly int _loopTurnsMax;
    private int _loopTurns;
    private bool _isAnnounced;
    private bool _isStepping;
    private long _calls;

    internal ContextRunner(Machine machine, MachineImage image, bool copyOnResume)
    {
        Machine = machine;
        Memory = machine.Memory;
        Tasks = machine.Tasks;
        Fusion = machine.Fusion;
        _fusionWatch = machine.Fusion.Watch;
        _locks = machine.Locks;
        _operations = new OperationPerformer(machine);
        _plainAccesses = image.PlainBase >= 0 ? new PlainAccessWatch(Memory, Tasks, image.PlainBase, image.WatchedWords(), machine) : null;
        _judgesUnguarded = _fusionWatch is not null || _plainAccesses is not null;
        _loopTurnsMax = image.Options.LoopTurnsMax;
        Pool = new MachinePool(this) { Objects = image.Objects };
        _stacks = new KernelStack[image.Contexts];
        for (int i = 0; i < _stacks.Length; i++)
            _stacks[i] = new KernelStack(Pool, copyOnResume);
    }

    /// <summary>Answers code that boots: there is memory, and nothing else yet.</summary>
    internal ContextRunner(int[] memory)
    {
        Memory = memory;
        Pool = new MachinePool(this);
    }

    /// <summary>The machine; null while it boots.</summary>
    internal Machine Machine { get; } = null!;

    /// <summary>All of kernel memory.</summary>
    internal int[] Memory { get; set; }

    internal TaskTable Tasks { get; } = null!;

    /// <summary>What happens without a step of its own.</summary>
    internal FusionPolicy Fusion { get; } = null!;

    /// <summary>The frames of the contexts' stacks.</summary>
    internal FramePool Pool { get; }

    /// <summary>The context that runs, or ran last; -1 before the first.</summary>
    internal int Current { get; set; } = -1;

    /// <summary>How often code of the scenario was called or has come back: odd while it runs.</summary>
    internal long Calls => Volatile.Read(ref _calls);

    /// <summary>Watches the accesses on a machine that fuses; null on others, and at boot.</summary>
    internal FusionWatch? FusionWatch => _fusionWatch;

    /// <summary>Who watches this machine closely, if anybody.</summary>
    internal IMachineObserver? Observer { get; set; }

    internal KernelStack Stack(int context) => _stacks[context];

    /// <summary>Nobody has begun, and a call that has ended in an exception is forgotten.</summary>
    internal void Reset()
    {
        _calls += _calls & 1;
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
        _isStepping = true;
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
        if (kind == OperationKind.Schedule && Sleeps(context))
            return;

        if (kind >= OperationKind.ArmLock && StopsHalfway(context, operation))
            return;

        Fusion.BeginStep(context, kind);
        KernelStack stack = _stacks[context];
        if (kind == OperationKind.Choose)
        {
            stack.ReturnRegister = outcome;
            if (operation.Second == OperationTable.ChoiceOfRound)
                Machine.CountProgress();
        }
        else
        {
            stack.ReturnRegister = _operations.Perform(context, operation);
        }

        Observer?.OnOperation(context, new PerformedOperation(operation, stack.ReturnRegister));
        _isStepping = true;
        _calls++;
        stack.ResumeHere();
        ComeBack(context, stack);
    }

    /// <summary>The running context says what it is about to do, and stops in front of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Announce(Operation operation)
    {
        if (_isAnnounced)
            throw ContextDeath.NotAwaited(Machine, $"is about to do {operation.Kind}");

        _plainAccesses?.Settle(Current);
        Tasks.Announce(Current, operation);
        _isAnnounced = true;
    }

    /// <summary>Whether a visible operation may happen in the running step, and so be its only one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool FusesVisible() => Fusion.FusesVisible();

    /// <summary>Counts a turn of a loop of kernel code.</summary>
    /// <exception cref="KernelLivelockException">The loop does not end.</exception>
    internal void LoopTurn()
    {
        if (++_loopTurns > _loopTurnsMax)
            throw new KernelLivelockException(_loopTurnsMax);
    }

    /// <summary>A detector looks at memory; what it sees is not accessed by kernel code.</summary>
    internal (bool WasStepping, bool WasWatched) LeaveKernelCode()
    {
        (bool, bool) before = (_isStepping, _fusionWatch is { IsStepping: true });
        _isStepping = false;
        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = false;

        return before;
    }

    /// <summary>The detector has looked.</summary>
    internal void ReturnToKernelCode((bool WasStepping, bool WasWatched) before)
    {
        _isStepping = before.WasStepping;
        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = before.WasWatched;
    }

    /// <summary>The call chain of the running context, as the second line of a message; nothing if nobody runs.</summary>
    internal string WhereItFails() =>
        _isStepping && Machine.RunningChain() is { Length: > 0 } chain ? $"\n  in {chain}" : "";

    private void ComeBack(int context, KernelStack stack)
    {
        _calls++;
        _isStepping = false;
        Fusion.End();
        if (stack.IsDone)
            End(context, stack);
        else if (!_isAnnounced)
            throw ContextDeath.AwaitedAgain(Machine);
    }

    private void End(int context, KernelStack stack)
    {
        if (_isAnnounced && stack.Exception is null)
            throw ContextDeath.NotAwaited(Machine, "ends");

        Tasks.Announce(context, default);
        _plainAccesses?.Settle(context);
        if (stack.Exception is { } exception)
        {
            // A dead task keeps its CPU and its locks, as after an oops with panic_on_oops off.
            Tasks.SetStatus(context, ContextStatus.Dead);
            Machine.CountProgress();
            ContextDeath.Report(Machine, context, exception);
            return;
        }

        Machine.Detectors.OnExit(context);
        if (context >= Tasks.Count)
        {
            // Whoever was interrupted goes on after it, and everybody else could have come before it ended.
            _plainAccesses?.Forget(context);
            Machine.Interrupts.Return(context);
            return;
        }

        Machine.CountProgress();
        Tasks.SetStatus(context, ContextStatus.Finished);
        Machine.RunQueue.Leave(context);
        Tasks.ForgetHeld(context);
    }

    /// <summary>schedule(): whether the step ends with it.</summary>
    private bool Sleeps(int context)
    {
        MaySleep("schedule");
        if (context >= Tasks.Count)
            return false; // Reported; a handler has no task to take off the run queue.

        if (!Machine.RunQueue.GoesToSleep(context))
            return false;

        int sleeps = Tasks.Status(context) == ContextStatus.Asleep ? 1 : 0;
        Observer?.OnOperation(
            context,
            new PerformedOperation(new Operation(OperationKind.Schedule, Argument: sleeps)));
        return true;
    }

    /// <summary>Whether a step is only the first part of an operation; its second part is announced then.</summary>
    private bool StopsHalfway(int context, Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.ArmLock:
                _locks.Arm(context, operation);
                Observer?.OnOperation(context, new PerformedOperation(operation));
                return true;
            case OperationKind.SendShootdown:
                Machine.Shootdowns.Send(context);
                Observer?.OnOperation(context, new PerformedOperation(operation));
                return true;
            case OperationKind.AwaitShootdown:
                Machine.Shootdowns.Finish(context);
                return false;
            default:
                return false;
        }
    }
}
