using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.CoyoteTests;

/// <summary>One experiment for both engines: a scenario, perhaps a variant, sizes, and what it may show.</summary>
/// <param name="Name">How tests call it.</param>
/// <param name="Scenario">The scenario's type, open over the kernel.</param>
/// <param name="Variant">The variant's type, open over the kernel; null for the port itself.</param>
/// <param name="Size">How big it is.</param>
/// <param name="Shows">The classes of failure that it is known for; none if it is correct.</param>
internal sealed record Trial(string Name, Type Scenario, Type? Variant, ScenarioSize Size, params FailureClass[] Shows)
{
    /// <summary>Where tasks stop.</summary>
    public SchedulingPoints Points { get; init; } = SchedulingPoints.Observable;

    private MachineOptions Options => new() { Cpus = Size.Cpus, Points = Points };

    /// <summary>The experiment on a machine whose tasks Coyote schedules.</summary>
    public CoyoteMachine BootForCoyote() => CoyoteMachine.Boot(Create<CoyoteKernel>(), Size, Options);

    /// <summary>The experiment on the simulated machine, with all detectors.</summary>
    public MachineImage BootSimulated()
    {
        Scenario<SimulatedKernel> scenario = Create<SimulatedKernel>();
        return MachineBuilder.Boot(
            scenario.Tasks(Size),
            scenario.Interrupts(Size),
            Options,
            [new DeadlockDetector(), new DoubleMappingDetector(), new WrongPageDetector(), new StaleTlbDetector()],
            boot => scenario.Boot(boot, Size));
    }

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

    /// <inheritdoc/>
    public override string ToString() => Name;

    private Scenario<TKernel> Create<TKernel>()
        where TKernel : struct, IKernel => Trials.Create<TKernel>(Scenario, Variant);
}
