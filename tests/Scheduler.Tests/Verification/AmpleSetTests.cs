using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Choices of rounds come first where nothing that others do can matter to them, and only there.</summary>
public sealed class AmpleSetTests
{
    [Fact]
    public void Both_outcomes_of_one_task_s_choice_are_tried_and_nothing_else() =>
        Assert.Equal([Transition.Choose(0, 0), Transition.Choose(0, 1)], Ample(Fused, holdsLock: false));

    [Fact]
    public void A_search_for_endless_runs_tries_everything() =>
        Assert.Equal(4, Ample(Fused with { Progress = true }, holdsLock: false).Length);

    [Fact]
    public void A_search_that_does_not_fuse_tries_everything() =>
        Assert.Equal(4, Ample(Fused with { Fusion = false }, holdsLock: false).Length);

    [Fact]
    public void A_choice_under_a_lock_does_not_come_first()
    {
        Transition[] ample = Ample(Fused, holdsLock: true, Transition.Step(0));

        Assert.Contains(ample, transition => transition is { Subject: 0, Kind: TransitionKind.Choose });
        Assert.Contains(ample, transition => transition.Subject == 1);
    }

    private static VerifierOptions Fused => new() { Fusion = true, Progress = false };

    private static Transition[] Ample(VerifierOptions options, bool holdsLock, params ReadOnlySpan<Transition> way)
    {
        MachineImage image = Boot(holdsLock).WithFusion(options.Fusion);
        using var search = new SharedSearch(image, options, jobs: 1);
        var stepper = new StateStepper(image, search);
        stepper.Runs.Boot();
        foreach (Transition transition in way)
            stepper.Machine.Perform(transition);

        return stepper.Ample(stepper.Machine.Enabled()).ToArray();
    }

    private static MachineImage Boot(bool holdsLock) => SmallMachine.Boot(2, boot =>
    {
        for (int task = 0; task < 2; task++)
        {
            var spinLock = SpinLock<SimulatedKernel>.Create(boot, $"lock{task}");
            boot.Spawn("test", () => Work(boot.Kernel, spinLock, holdsLock));
        }
    });

    private static async KernelTask Work(SimulatedKernel kernel, SpinLock<SimulatedKernel> spinLock, bool holdsLock)
    {
        if (holdsLock)
            await spinLock.Acquire();

        for (var rounds = new RoundsLeft(ScenarioSize.AnyRounds); await rounds.Next(kernel);)
            kernel.OperationDone();
    }
}
