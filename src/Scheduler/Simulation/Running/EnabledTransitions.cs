using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Readiness;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>Lists what may happen next on a machine, in a fixed order.</summary>
internal sealed class EnabledTransitions
{
    private readonly int[] _memory; // For looks between steps only.
    private readonly KernelWords _words;
    private readonly TaskTable _tasks;
    private readonly CpuTable _cpus;
    private readonly RunQueue _runQueue;
    private readonly InterruptController _interrupts;
    private readonly ShootdownController _shootdowns;
    private readonly bool _isPinned;
    private readonly Transition[] _enabled;
    private readonly ReadySet? _ready; // On machines with very many tasks.

    /// <summary>Lists at most <paramref name="max"/> transitions.</summary>
    internal EnabledTransitions(MachineParts parts, int[] memory, int max)
    {
        _memory = memory;
        _words = parts.Memory;
        _tasks = parts.Tasks;
        _cpus = parts.Cpus;
        _runQueue = parts.RunQueue;
        _interrupts = parts.Interrupts;
        _shootdowns = parts.Shootdowns;
        _isPinned = parts.Rules.IsPinned;
        _ready = parts.Tasks.Changes is null ? null : new ReadySet(memory, parts.Tasks, IsReadyToGoOn);
        _enabled = new Transition[max + 1]; // One more, as ListSteps writes before it decides.
    }

    /// <summary>What may happen next; valid until the next call.</summary>
    internal ReadOnlySpan<Transition> List()
    {
        int count = _ready is not null ? _ready.List(_enabled) : _isPinned ? ListSteps() : ListOnCpus();
        return _enabled.AsSpan(0, count);
    }

    /// <summary>Whether they are counted without being listed.</summary>
    internal bool IsCounted => _ready is not null;

    /// <summary>How many there are, where they are counted.</summary>
    internal int Count() => _ready!.Count();

    /// <summary>One of them, in the order of the list, as things stood at the last count.</summary>
    internal Transition At(int number) => _ready!.At(number);

    /// <inheritdoc cref="ReadySet.Foresee"/>
    internal int Foresee(int context, uint draw) => _ready!.Foresee(context, draw);

    /// <summary>Memory was restored.</summary>
    internal void Forget() => _ready?.Forget();

    /// <summary>Whether a context could perform its pending operation now, if it had a CPU.</summary>
    internal bool IsReady(int context)
    {
        if (_tasks.Status(context) != ContextStatus.Runnable)
            return false;

        OperationKind kind = _tasks.Operation(context);
        if (kind == OperationKind.Acquire)
            return _words[_tasks.Target(context)] == 0;

        return kind < OperationKind.Await || IsReadyToGoOn(context, kind);
    }

    /// <summary>
    /// Whether a transition is enabled, decided by the words that a log sees; so slower than the list, which says the
    /// same.
    /// </summary>
    internal bool LookWhether(Transition transition)
    {
        if (_isPinned)
            return IsReady(transition.Subject);

        int cpu = transition.IsStep ? _tasks.Cpu(transition.Subject) : transition.Subject;
        return transition.Kind switch
        {
            TransitionKind.Interrupt => _interrupts.CanFire(cpu, transition.Argument),
            TransitionKind.Acknowledge => _shootdowns.CanAcknowledge(cpu),
            TransitionKind.Dispatch =>
                !_shootdowns.IsLeaving(cpu) && _cpus.Current(cpu) < 0 && _runQueue.CanDispatch(transition.Argument),
            TransitionKind.Preempt => !_shootdowns.IsLeaving(cpu) && CanPreempt(cpu),
            _ => cpu >= 0 && !_shootdowns.IsLeaving(cpu) && _cpus.Current(cpu) == transition.Subject
                && IsReady(transition.Subject),
        };
    }

    private bool CanPreempt(int cpu)
    {
        int context = _cpus.Current(cpu);
        return context >= 0 && _runQueue.IsPreemptible(cpu, context, IsReady(context));
    }

    // The hottest loop of an exploration: IsReady for every task, with each task's words looked up once.
    private int ListSteps()
    {
        int count = 0;
        int[] memory = _memory;
        int tasks = _tasks.Count;

        // Rows of tasks come first in memory, and there is a place for each of them and one more.
        ref int row = ref MemoryMarshal.GetArrayDataReference(memory);
        ref Transition enabled = ref MemoryMarshal.GetArrayDataReference(_enabled);
        for (int context = 0; context < tasks; context++)
        {
            (ContextStatus status, OperationKind kind, int target) = TaskTable.ReadinessOf(ref row);
            row = ref Unsafe.Add(ref row, TaskTable.Stride);
            int isRunnable = status == ContextStatus.Runnable ? 1 : 0;
            int isAcquire = kind == OperationKind.Acquire ? 1 : 0;
            int isTaken = memory[target & -isAcquire] != 0 ? 1 : 0;

            // Nobody can guess which tasks are ready, so no branch asks.
            Unsafe.Add(ref enabled, count) = Transition.Step(context);
            count += isRunnable & ~(isAcquire & isTaken);
            if (kind >= OperationKind.Await && isRunnable != 0)
                count = JudgeLast(context, kind, count);
        }

        return count;
    }

    /// <summary>
    /// Keeps the step that was listed last, takes it back, or puts the outcomes of a choice into its place.
    /// </summary>
    private int JudgeLast(int context, OperationKind kind, int count)
    {
        if (kind == OperationKind.Choose)
            return AddOutcomes(context, count - 1);

        return IsReadyToGoOn(context, kind) ? count : count - 1;
    }

    private int ListOnCpus()
    {
        int count = 0;
        for (int cpu = 0; cpu < _cpus.Count; cpu++)
        {
            int context = _cpus.Current(cpu);
            if (!_shootdowns.IsLeaving(cpu))
                count = context < 0 ? _runQueue.AddDispatches(cpu, _enabled, count) : AddSteps(cpu, context, count);

            count = _interrupts.AddEnabled(cpu, _enabled, count);
            if (_shootdowns.CanAcknowledge(cpu))
                _enabled[count++] = Transition.Acknowledge(cpu);
        }

        return count;
    }

    private int AddSteps(int cpu, int context, int count)
    {
        bool isReady = IsReady(context);
        if (isReady)
        {
            if (_tasks.Operation(context) == OperationKind.Choose)
                count = AddOutcomes(context, count);
            else
                _enabled[count++] = Transition.Step(context);
        }

        if (_runQueue.IsPreemptible(cpu, context, isReady))
            _enabled[count++] = Transition.Preempt(cpu);

        return count;
    }

    private int AddOutcomes(int context, int count)
    {
        int outcomes = _tasks.Pending(context).Argument;
        for (int outcome = 0; outcome < outcomes; outcome++)
            _enabled[count++] = Transition.Choose(context, outcome);

        return count;
    }

    /// <summary>Whether a context's operation can happen now, for the kinds that few tasks stand in front of.</summary>
    private bool IsReadyToGoOn(int context, OperationKind kind) => OperationTable.Of(kind).Waits switch
    {
        WaitCondition.Compares => IsAwaited(_tasks.Pending(context)),
        WaitCondition.Free => _words[_tasks.Target(context)] == 0,
        WaitCondition.Answered => _shootdowns.HaveAllAnswered(),
        _ => true,
    };

    private bool IsAwaited(Operation operation) =>
        AwaitArgument.ComparisonOf(operation).Holds(_words[operation.Target], operation.Argument);
}
