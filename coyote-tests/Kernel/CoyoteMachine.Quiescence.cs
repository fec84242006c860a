using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <content>What happens when everybody stands: a schedule to follow, a deadlock, the end.</content>
/// <remarks>
/// Coyote would call every execution in which nobody can go on a deadlock. The kernel looks first, and tells a lost
/// wake-up from a deadlock as the simulated machine does: it wakes the sleepers by hand, one after the other, and lets
/// each run alone. One that then finishes an operation had missed its wake-up; if all go back to sleep they wait for
/// something that is not there.
/// </remarks>
internal sealed partial class CoyoteMachine
{
    private CoyoteTask? _probed; // The sleeper that was woken by hand, and now runs alone.
    private int _doneBeforeProbe;
    private string _situation = "";

    /// <summary>
    /// A schedule of the simulated machine, which the next executions follow; null for Coyote's own choice.
    /// </summary>
    public IReadOnlyList<Transition>? Prescription { get; set; }

    private bool IsPrescribed(CoyoteTask task) =>
        Prescription is null || (_schedule.Count < Prescription.Count && IsNext(Prescription[_schedule.Count], task));

    private static bool IsNext(Transition transition, CoyoteTask task) =>
        transition.IsStepOf(task.Number)
        && transition.Kind == TransitionKind.Choose == (task.Pending == OperationKind.Choose);

    /// <summary>The running task has come to its next operation, or to its end.</summary>
    private void Settle()
    {
        if (_started < _tasks.Count)
            return;

        if (_probed is not null)
            ContinueProbe(_probed);
        else if (_tasks.Exists(task => task.IsReady))
            CheckPrescription();
        else if (_tasks.TrueForAll(task => task.HasEnded))
            CheckEnd();
        else
            BeginProbe();
    }

    private void CheckPrescription()
    {
        if (_tasks.Exists(MayRun))
            return;

        int step = _schedule.Count;
        string wanted = step < Prescription!.Count ? $"names {Prescription[step]}" : "has ended";
        string ready = string.Join(", ", _tasks.Where(task => task.IsReady).Select(Describe));
        throw new InvalidOperationException($"""
            at step {step} the schedule {wanted}, but those who can go on are {ready}
            The schedule belongs to another scenario, variant or size, or the two kernels do not stop at the same
            places.
            """);
    }

    private void CheckEnd()
    {
        _running = s_nobody;
        foreach (Func<Finding?> check in _endChecks)
        {
            if (check() is { } wrong)
                Report(wrong.Class, wrong.Message);
        }
    }

    private void BeginProbe()
    {
        CoyoteTask[] stuck = [.. _tasks.Where(task => !task.HasEnded)];
        string situations = string.Join("; ", stuck.Select(Situation));
        _situation = $"{stuck.Length} of {_tasks.Count} tasks can never run again: {situations}";
        Probe(from: 0);
    }

    private void Probe(int from)
    {
        int next = _tasks.FindIndex(from, task => task.IsAsleep);
        if (next < 0)
            Report(FailureClass.Deadlock, _situation);

        _probed = _tasks[next];
        _probed.TryToWakeUp();
        _doneBeforeProbe = _operationsDone;
    }

    private void ContinueProbe(CoyoteTask probed)
    {
        if (_operationsDone > _doneBeforeProbe || probed.HasEnded)
            Report(FailureClass.LostWakeup, $"{_situation}; woken by hand, {probed} gets what it waits for");

        if (!probed.IsReady)
            Probe(probed.Number + 1);
    }

    private string Situation(CoyoteTask task)
    {
        var reasons = _waitExplanations.SelectMany(explain => explain(new TaskId(task.Number)));
        return string.Join(", ", reasons.Prepend(task.IsAsleep ? $"{task} is asleep" : Describe(task)));
    }

    private static string Describe(CoyoteTask task) => $"{task} at {task.Pending}";
}
