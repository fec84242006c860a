using Kmaplab.Scheduler.Coroutines.Source;
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
    private IReadOnlyList<KernelCall> _calls = []; // That have touched memory last.

    /// <summary>A step begins, with this.</summary>
    internal void Begin(TraceOperation first)
    {
        _operations.Clear();
        _woken.Clear();
        _first = first;
        _calls = first.Calls;
        _changes.Begin();
    }

    /// <summary>What the step has consisted of.</summary>
    /// <remarks>
    /// Which operation comes next, and that a task has ended, the machine notes after the code has run.
    /// </remarks>
    internal IReadOnlyList<TraceOperation> End()
    {
        if (_first is not null)
        {
            Settle();
        }
        else
        {
            IReadOnlyList<MemoryChange> changes = _changes.End();
            AddPlain(_calls, changes.Where(change => change.Role != RegionRole.Hardware));
            AddPlain([], changes.Where(change => change.Role == RegionRole.Hardware));
        }

        return [.. _operations];
    }

    public void OnOperation(int context, in PerformedOperation operation)
    {
        TraceOperation performed = !operation.IsFused && _first is not null
            ? _first
            : new TraceOperation(machine.RunningCalls(), OperationText.Describe(machine, operation.Operation));
        _first = null;
        Add(performed with
        {
            Kind = operation.Kind,
            IsFused = operation.IsFused,
            SpinLock = LockOf(operation.Operation),
            Result = OperationText.Result(machine, operation),
        });
    }

    public void OnPlainAccess(int context)
    {
        Settle();
        _calls = machine.RunningCalls();
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
            Add(_first);
        else if (_changes.Any())
            Add(new TraceOperation(_calls, ""));

        _first = null;
    }

    private void Add(TraceOperation operation)
    {
        _operations.Add(operation with { Changes = _changes.End(), Woken = [.. _woken] });
        _woken.Clear();
        _changes.Begin();
    }

    private void AddPlain(IReadOnlyList<KernelCall> calls, IEnumerable<MemoryChange> changes)
    {
        if (changes.Any())
            _operations.Add(new TraceOperation(calls, "") { Changes = [.. changes] });
    }

    private static int LockOf(Operation operation) => operation.Kind switch
    {
        OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.ArmLock or OperationKind.Release =>
            operation.Target,
        _ => -1,
    };
}
