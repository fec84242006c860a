using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Traces;

/// <summary>Finds out which of the plain accesses of a schedule change memory; nearly all of them only read.</summary>
internal sealed class WriterProbe(Machine machine) : IMachineObserver, IExecutionObserver
{
    private readonly MemoryChanges _changes = new(machine);
    private long _accesses;

    /// <summary>The numbers of those that do, from 1.</summary>
    internal HashSet<long> Writers { get; } = [];

    /// <summary>
    /// The numbers of those that change nothing but the account of a scenario or a detector, which no line of the port
    /// keeps.
    /// </summary>
    internal HashSet<long> Accountants { get; } = [];

    public void OnChosen(in SchedulingPoint point, Transition choice) => _changes.Begin();

    public void OnPerformed(Machine machine, int step, Transition choice) => Settle();

    public void OnPlainAccess(int context)
    {
        Settle();
        _accesses++;
    }

    public void OnOperation(int context, in PerformedOperation operation) => _changes.Begin();

    public void OnWoken(int task, bool slept)
    {
    }

    public void OnCount(KernelEvent what)
    {
    }

    public void OnOperationDone(int context)
    {
    }

    private void Settle()
    {
        if (!_changes.Any())
            return;

        (_changes.AreOfAccounts() ? Accountants : Writers).Add(_accesses);
        _changes.Begin();
    }
}
