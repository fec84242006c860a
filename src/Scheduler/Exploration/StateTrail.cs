using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>The states that an execution goes through, and the first change of what is outside the machine.</summary>
/// <param name="looksOutside">Whether to look there, which takes time, after each step.</param>
internal sealed class StateTrail(bool looksOutside) : IExecutionObserver
{
    private readonly List<UInt128> _states = [];

    /// <summary>The hash of the first state, and of the one after each step.</summary>
    internal IReadOnlyList<UInt128> States => _states;

    /// <summary>What has changed outside the machine; null if nothing has.</summary>
    internal string? Change { get; private set; }

    /// <summary>The number of steps before that was seen.</summary>
    internal int ChangedAt { get; private set; }

    public void OnBegin(Machine machine)
    {
        _states.Clear();
        Change = null;
        Look(machine);
    }

    public void OnPerformed(Machine machine, int step, Transition choice) => Look(machine);

    /// <summary>Looks once more at what is outside, after a check that runs code of the scenario.</summary>
    internal void LookOutside(Machine machine)
    {
        if (Change is not null || machine.Image.Outside.FindChange() is not { } change)
            return;

        Change = change;
        ChangedAt = _states.Count - 1;
    }

    /// <summary>The first step after which two executions were not in the same state; -1 if there is none.</summary>
    internal int FindDifference(StateTrail other)
    {
        int common = Math.Min(_states.Count, other._states.Count);
        for (int step = 0; step < common; step++)
        {
            if (_states[step] != other._states[step])
                return step;
        }

        return _states.Count == other._states.Count ? -1 : common;
    }

    private void Look(Machine machine)
    {
        _states.Add(machine.StateHash());
        if (looksOutside)
            LookOutside(machine);
    }
}
