using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Sees whether a schedule's end is an endless loop that is fair to every task, and in which one of them gets nothing done.</summary>
internal sealed class StarvationCheck(Machine machine)
{
    private readonly HashSet<int> _stepped = [];
    private readonly HashSet<int> _disabled = []; // Weak fairness asks nothing for a task that was not enabled somewhere.
    private readonly HashSet<int> _finished = [];
    private UInt128? _start;
    private Transition? _latest;
    private long _operations;

    /// <summary>One more transition of the loop is about to happen.</summary>
    internal void Watch(Transition transition)
    {
        _start ??= machine.StateHash();
        CountFinished();
        _latest = transition.IsStep ? transition : null;
        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            if (!Replay.IsAnyStepOf(machine.Enabled(), task))
                _disabled.Add(task);
        }

        if (transition.IsStep)
            _stepped.Add(transition.Subject);
    }

    /// <summary>Reports starvation if the loop is one.</summary>
    internal void Conclude()
    {
        CountFinished();
        if (_start != machine.StateHash())
            return;

        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            if (!_stepped.Contains(task) && !_disabled.Contains(task))
                return;
        }

        foreach (int victim in _stepped.Where(task => !_finished.Contains(task)).Order())
        {
            machine.Report(
                FailureClass.Starvation,
                $"{machine.NameOf(victim)} runs for ever and never finishes its operation, although nobody is treated unfairly\n"
                + $"  in {string.Join(" <- ", machine.CallChain(victim))}");
        }
    }

    // Operations end in steps of their own task.
    private void CountFinished()
    {
        if (_latest is { } latest && machine.OperationsDone != _operations)
            _finished.Add(latest.Subject);

        _operations = machine.OperationsDone;
    }
}
