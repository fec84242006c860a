using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>What a search that fuses finds is found again on a machine that does not.</summary>
public sealed class UnfusedTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_release_that_shows_a_failure_is_part_of_the_schedule_for_everybody(int operationsBefore)
    {
        MachineImage image = Boot(operationsBefore);
        VerificationReport report = new Verifier(image, new VerifierOptions { Fusion = true, ShortestWay = false }).Run(
            TestContext.Current.CancellationToken);
        Counterexample found = Assert.IsType<Counterexample>(report.Counterexample);

        ReplayReport replay = new Replay(new Machine(image)).Run(found.Schedule, FailureClass.LockMisuse);

        Assert.Equal((FailureClass.LockMisuse, true), (found.Finding.Class, replay.Reproduced));
        Assert.Equal(operationsBefore + 1, replay.Steps);
    }

    [Fact]
    public void A_report_of_a_search_that_fuses_has_the_shortest_schedule_of_everybodys_machine()
    {
        MachineImage image = Boot(operationsBefore: 2);
        VerificationReport plain = Verify(image, new VerifierOptions());
        VerificationReport fused = Verify(image, new VerifierOptions { Fusion = true });

        Assert.True(fused.Fused);
        Assert.True(fused.States < plain.States, "nothing was fused");
        Assert.Equal(plain.Counterexample!.Schedule, fused.Counterexample!.Schedule);
        Assert.True(fused.Counterexample.IsShortest);
        Assert.True(fused.Counterexample.FusedLength < fused.Counterexample.Schedule.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_way_is_called_shortest_only_by_a_search_that_went_level_by_level(bool isDepthFirst)
    {
        var options = new VerifierOptions { Fusion = true, IsDepthFirst = isDepthFirst };

        MachineImage image = Boot(operationsBefore: 2);

        Assert.Equal(!isDepthFirst, Verify(image, options).Counterexample?.IsShortest);
        Assert.Equal(!isDepthFirst, Verify(image, options with { Fusion = false }).Counterexample?.IsShortest);
        Assert.False(Verify(image, options with { ShortestWay = false }).Counterexample?.IsShortest);
    }

    [Fact]
    public void A_failure_that_everybodys_machine_does_not_show_is_none()
    {
        MachineImage image = Boot(operationsBefore: 2);
        VerificationReport report = Verify(image, new VerifierOptions());
        Transition[] fusedWay = [Transition.Step(0)];
        report = report with { Counterexample = new Counterexample(report.Counterexample!.Finding, fusedWay) };

        Assert.Equal(3, Unfuse(image).Of(report)?.Counterexample?.Schedule.Length);
        Assert.Null(Unfuse(Boot(operationsBefore: 2, isWrong: false)).Of(report));
        Assert.Null(Unfuse(Boot(operationsBefore: 1)).Of(report));

        UnfusedRuns Unfuse(MachineImage everybodys) => new(() => image.WithFusion(true), () => everybodys);
    }

    private static VerificationReport Verify(MachineImage image, VerifierOptions options) =>
        new Verifier(image, options).Run(TestContext.Current.CancellationToken);

    private static MachineImage Boot(int operationsBefore, bool isWrong = true) => SmallMachine.Boot(
        1,
        boot =>
        {
            SpinLock<SimulatedKernel> taken = SpinLock<SimulatedKernel>.Create(boot, "taken");
            SpinLock<SimulatedKernel> free = SpinLock<SimulatedKernel>.Create(boot, "free");
            Shared<SimulatedKernel> word = Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked);
            boot.Spawn("test", async () =>
            {
                if (operationsBefore > 0)
                    await taken.Acquire();

                if (operationsBefore > 1)
                    await word.WriteOnce(1);

                if (isWrong)
                    await free.Release();
            });
        });
}
