using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>What each operation of <see cref="OperationTable"/> does when its turn comes.</summary>
internal sealed class OperationPerformer
{
    private readonly ContextRunner _runner;
    private readonly IContextReports _reports;
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly LockTable _locks;
    private readonly WaitQueueTable _queues;
    private readonly MmuTable _mmu;
    private readonly PagedMemory _paging;
    private readonly InterruptController _interrupts;

    internal OperationPerformer(ContextRunner runner)
    {
        _runner = runner;
        _reports = runner.Reports;
        _memory = runner.Memory;
        _tasks = runner.Tasks;
        _locks = runner.Parts.Locks;
        _queues = runner.Parts.Queues;
        _mmu = runner.Parts.Mmu;
        _paging = runner.Paging;
        _interrupts = runner.Parts.Interrupts;
    }

    /// <summary>Performs an operation that is ready, and yields its result.</summary>
    internal long Perform(int context, Operation operation) =>
        Perform(context, operation.Kind, operation.Target, operation.Argument, operation.Second);

    /// <summary>The same, its parts in registers.</summary>
    internal long Perform(int context, OperationKind kind, int target, int argument, int second)
    {
        switch (kind)
        {
            case OperationKind.Acquire:
                return _locks.Acquire(context, target, (LockContext)argument, isArmed: second != 0);
            case OperationKind.TryAcquire:
                return _locks.TryAcquire(context, target);
            case OperationKind.Release:
                _locks.Release(context, target, (LockContext)argument, second);
                return 0;
            case OperationKind.SetState:
                SetState(context, (TaskState)argument);
                return 0;
            case OperationKind.Enqueue:
                Enqueue(context, target, argument != 0);
                return 0;
            case OperationKind.Dequeue:
                Dequeue(context, target);
                return 0;
            case OperationKind.QueueTest:
                return _queues.Count(target) > 0 ? 1 : 0;
            case OperationKind.WakeUp:
                _runner.Observer?.OnCount(KernelEvent.WakeCall);
                _queues.WakeUp(target, argument, _runner.Observer);
                return 0;
            case OperationKind.FlushTlbAll:
                _mmu.FlushAll();
                return 0;
            case OperationKind.Load:
                return _paging.Load(context, target, argument);
            case OperationKind.Store:
                return _paging.Store(context, target, argument, second);
            case OperationKind.ReadOnce:
                return _memory[target];
            case OperationKind.WriteOnce:
                _memory.Set(target, argument);
                return 0;
            case OperationKind.FetchAdd:
                _memory[target] += argument;
                return _memory[target] - argument;
            case OperationKind.AwaitAdd:
                int added = AwaitArgument.DeltaOf(second);
                _memory[target] += added;
                return _memory[target] - added;
            case OperationKind.CompareExchange:
                return CompareExchange(target, argument, second) == argument ? 1 : 0;
            case OperationKind.CompareExchangeOld:
                return CompareExchange(target, argument, second);
            case OperationKind.Exchange:
                return Exchange(target, argument);
            case OperationKind.Schedule or OperationKind.Resume or OperationKind.Await
                or OperationKind.InterruptWindow or OperationKind.PreemptCheck or OperationKind.AwaitShootdown:
                return 0;
            default:
                throw new InvalidOperationException(
                    $"{_reports.NameOf(context)} stands in front of {kind}, which is no operation");
        }
    }

    /// <summary>Whether a step is only the first part of an operation; its second part is announced then.</summary>
    internal bool StopsHalfway(int context, Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.ArmLock:
                _locks.Arm(context, operation);
                _runner.Observer?.OnOperation(context, new PerformedOperation(operation));
                return true;
            case OperationKind.SendShootdown:
                _runner.Parts.Shootdowns.Send(context);
                _runner.Observer?.OnOperation(context, new PerformedOperation(operation));
                return true;
            case OperationKind.AwaitShootdown:
                _runner.Parts.Shootdowns.Finish(context);
                return false;
            default:
                return false;
        }
    }

    /// <summary>schedule(): whether the step ends with it.</summary>
    internal bool Sleeps(int context)
    {
        _runner.MaySleep("schedule");
        if (context >= _tasks.Count)
            return false; // Reported; a handler has no task to take off the run queue.

        if (!_runner.Parts.RunQueue.GoesToSleep(context))
            return false;

        int sleeps = _tasks.Status(context) == ContextStatus.Asleep ? 1 : 0;
        _runner.Observer?.OnOperation(
            context,
            new PerformedOperation(new Operation(OperationKind.Schedule, Argument: sleeps)));
        return true;
    }

    /// <summary>current->state = state; in a handler, current is the task that was interrupted.</summary>
    internal void SetState(int context, TaskState state)
    {
        int task = _interrupts.CurrentTaskOf(context);
        if (task >= 0)
            _tasks.SetState(task, state);
    }

    private void Enqueue(int context, int queue, bool exclusive)
    {
        if (context >= _tasks.Count)
        {
            _reports.Report(
                FailureClass.SleepInAtomic,
                $"{_reports.NameOf(context)} joins {_reports.NameOfWord(queue)}, but an interrupt cannot sleep");
        }
        else if (!_queues.Add(queue, context, exclusive))
        {
            _reports.Report(
                FailureClass.BugOn,
                $"{_reports.NameOf(context)} adds its wait entry to {_reports.NameOfWord(queue)} "
                + "while it is still linked: the list is corrupt");
        }
    }

    private void Dequeue(int context, int queue)
    {
        if (!_queues.Remove(queue, context))
        {
            _reports.Report(
                FailureClass.BugOn,
                $"{_reports.NameOf(context)} removes its wait entry from {_reports.NameOfWord(queue)}, "
                + "where it is not: the list is corrupt");
        }
    }

    private int CompareExchange(int address, int expected, int value)
    {
        int old = _memory[address];
        if (old == expected)
            _memory[address] = value;

        return old;
    }

    private int Exchange(int address, int value)
    {
        int old = _memory[address];
        _memory[address] = value;
        return old;
    }
}
