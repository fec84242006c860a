using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
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
        MachineImage image = Boot(operationsBefore, fusion: true);
        VerificationReport report = new Verifier(image, new VerifierOptions()).Run(TestContext.Current.CancellationToken);
        Counterexample found = Assert.IsType<Counterexample>(report.Counterexample);

        ReplayReport replay = new Replay(new Machine(Boot(operationsBefore, fusion: false))).Run(Verifier.Unfused(image, found.Schedule), FailureClass.LockMisuse);

        Assert.Equal((FailureClass.LockMisuse, true), (found.Finding.Class, replay.Reproduced));
        Assert.Equal(operationsBefore + 1, replay.Steps);
    }

    private static MachineImage Boot(int operationsBefore, bool fusion) => SmallMachine.Boot(
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

                await free.Release();
            });
        },
        new MachineOptions { Fusion = fusion });
}
