using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Takes one step apart: the operation that it begins with, those that happen on its way, and what plain code changes
/// between them.
/// </summary>
/// <remarks>
/// Memory is compared before each plain access, as what has changed since the one before was changed by the function
/// that made that one. So a word that is stored to twice is seen twice.
/// </remarks>
internal sealed class StepRecorder(Machine machine) : IMachineObserver
{
    private readonly MemoryChanges _changes = new(machine);
    private readonly List<TraceOperation> _operations = [];
    private readonly List<int> _woken = [];
    private TraceOperation? _first; // Announced, and not performed yet.
    private string _function = ""; // That has touched memory last.

    /// <summary>A step begins, with this.</summary>
    internal void Begin(TraceOperation first)
    {
        _operations.Clear();
        _woken.Clear();
        _first = first;
        _function = first.Function;
        _changes.Begin();
    }

    /// <summary>What the step has consisted of.</summary>
    internal IReadOnlyList<TraceOperation> End()
    {
        Settle();
        return [.. _operations];
    }

    public void OnOperation(int context, in PerformedOperation operation)
    {
        TraceOperation performed = !operation.IsFused && _first is not null
            ? _first
            : new TraceOperation(machine.RunningFunction(), OperationText.Describe(machine, operation.Operation));
        _first = null;
        Add(
            performed with { Kind = operation.Kind, IsFused = operation.IsFused, Result = OperationText.Result(machine, operation) },
            operation.IsFused ? operation.Operation.Target : -1);
    }

    public void OnPlainAccess(int context)
    {
        Settle();
        _function = machine.RunningFunction();
    }

    public void OnWoken(int task, bool slept) => _woken.Add(task);

    public void OnCount(KernelEvent what)
    {
    }

    public void OnOperationDone(int context)
    {
    }

    /// <summary>Ends what has gone on until now.</summary>
    private void Settle()
    {
        if (_first is not null)
            Add(_first, -1);
        else if (_changes.Any())
            Add(new TraceOperation(_function, ""), -1);

        _first = null;
    }

    // An operation on the way that takes or releases a lock says so itself.
    private void Add(TraceOperation operation, int lockTaken)
    {
        IReadOnlyList<MemoryChange> changes = _changes.End();
        bool isLock = lockTaken >= 0 && machine.Image.SpinLocks.Contains(lockTaken);
        _operations.Add(operation with
        {
            Changes = isLock ? [.. changes.Where(change => change.Name != machine.Image.NameOf(lockTaken))] : changes,
            Woken = [.. _woken],
        });
        _woken.Clear();
        _changes.Begin();
    }
}
