using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.CoyoteTests;

/// <summary>One experiment for both engines, and what it may show.</summary>
/// <param name="Name">How tests call it.</param>
/// <param name="Experiment">The scenario, perhaps a variant, and sizes.</param>
/// <param name="Shows">The classes of failure that it is known for; none if it is correct.</param>
internal sealed record Trial(string Name, Experiment Experiment, params FailureClass[] Shows)
{
    /// <summary>Whether Coyote can express the experiment: it refuses what it cannot, when it boots.</summary>
    public bool IsExpressible
    {
        get
        {
            try
            {
                BootForCoyote();
                return true;
            }
            catch (NotSupportedException)
            {
                return false;
            }
        }
    }

    /// <summary>The experiment on a machine whose tasks Coyote schedules.</summary>
    public CoyoteMachine BootForCoyote() =>
        CoyoteMachine.Boot(Experiment.Create<CoyoteKernel>(), Experiment.Size, Experiment.Options);

    /// <summary>The experiment on the simulated machine, with all detectors.</summary>
    public Machine BootSimulated() => new(Experiment.Boot());

    /// <summary>The last execution of Coyote as a schedule of the simulated machine.</summary>
    public Schedule Export(CoyoteReport report, string strategy, uint seed)
    {
        Schedule schedule = Experiment.NewSchedule($"coyote {strategy}", seed).With(report.Finding);
        return schedule with { Execution = report.Executions, Transitions = report.Schedule };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
