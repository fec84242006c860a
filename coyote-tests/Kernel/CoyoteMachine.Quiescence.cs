using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <content>What happens when everybody stands: a schedule to follow, a deadlock, the end.</content>
/// <remarks>
/// Coyote would call every execution in which nobody can go on a deadlock. The kernel looks first, by
/// <see cref="CoyoteProbe"/>.
/// </remarks>
internal sealed partial class CoyoteMachine
{
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
        if (_started < _parts.Tasks.Count)
            return;

        if (_probe.Task is { } probed)
            _probe.Continue(probed);
        else if (_parts.Tasks.Exists(task => task.IsReady))
            CheckPrescription();
        else if (_parts.Tasks.TrueForAll(task => task.HasEnded))
            CheckEnd();
        else
            _probe.Begin();
    }

    private void CheckPrescription()
    {
        if (_parts.Tasks.Exists(MayRun))
            return;

        int step = _schedule.Count;
        string wanted = step < Prescription!.Count ? $"names {Prescription[step]}" : "has ended";
        string ready = string.Join(", ", _parts.Tasks.Where(task => task.IsReady).Select(CoyoteProbe.Describe));
        throw new InvalidOperationException($"""
            at step {step} the schedule {wanted}, but those who can go on are {ready}
            The schedule belongs to another scenario, variant or size, or the two kernels do not stop at the same
            places.
            """);
    }

    private void CheckEnd()
    {
        _running = s_nobody;
        foreach (Func<Finding?> check in _parts.EndChecks)
        {
            if (check() is { } wrong)
                Report(wrong.Class, wrong.Message);
        }
    }
}
