using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Counts executions that differ in the order of steps that touch the same object.</summary>
internal sealed class DistinctExecutions : IExecutionObserver
{
    private readonly ConflictFingerprint _fingerprint = new();
    private readonly HashSet<ulong> _seen = [];

    /// <summary>How many there were.</summary>
    internal int Count => _seen.Count;

    public void OnBegin(Machine machine) => _fingerprint.Begin(machine);

    public void OnChosen(in SchedulingPoint point, Transition choice) => _fingerprint.Add(point.Machine, choice);

    /// <summary>Counts the execution that has just ended.</summary>
    internal void Add() => _seen.Add(_fingerprint.Value);
}
