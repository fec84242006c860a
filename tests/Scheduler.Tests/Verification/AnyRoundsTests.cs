using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>What shows only when others have ended is found by one search over every number of rounds.</summary>
public sealed class AnyRoundsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(ScenarioSize.AnyRounds)]
    public void A_lost_wake_up_that_later_rounds_make_good_is_found_where_rounds_end(int rounds)
    {
        foreach (bool fusion in (bool[])[false, true])
        {
            VerificationReport report = Verify(new Semaphore(QueuesLate: true, rounds), fusion);

            Assert.Equal(FailureClass.LostWakeup, report.Counterexample?.Finding.Class);
        }
    }

    [Fact]
    public void For_ever_says_nothing_about_tasks_that_end() =>
        Assert.Equal(
            Verdict.Verified,
            Verify(new Semaphore(QueuesLate: true, ScenarioSize.Forever), fusion: true).Verdict);

    [Theory]
    [InlineData(1)]
    [InlineData(ScenarioSize.AnyRounds)]
    public void The_same_program_without_the_mistake_is_proved(int rounds)
    {
        foreach (bool fusion in (bool[])[false, true])
            Assert.Equal(Verdict.Verified, Verify(new Semaphore(QueuesLate: false, rounds), fusion).Verdict);
    }

    [Fact]
    public void Any_covers_every_mixture_of_rounds()
    {
        // Two tasks count up to 2; ended after 0, 1 or 2 rounds each: 9 ends.
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            SharedArray<SimulatedKernel> done = SharedArray<SimulatedKernel>.Create(
                boot,
                "done",
                2,
                guard: -1,
                index: IndexSort.Task);
            for (int task = 0; task < 2; task++)
            {
                int number = task;
                boot.Spawn("test", () => CountRounds(boot.Kernel, done, number));
            }
        });

        VerificationReport report = new Verifier(image, new VerifierOptions { CountAll = true }).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal((Verdict.VerifiedSafety, 9L), (report.Verdict, report.FinalStates));
    }

    private static async KernelTask CountRounds(SimulatedKernel kernel, SharedArray<SimulatedKernel> done, int task)
    {
        for (var rounds = new RoundsLeft(ScenarioSize.AnyRounds); done[task] < 2 && await rounds.Next(kernel);)
            done[task]++;
    }

    private static VerificationReport Verify(Semaphore semaphore, bool fusion) =>
        new Verifier(semaphore.Boot(), new VerifierOptions { Fusion = fusion }).Run(
            TestContext.Current.CancellationToken);

    /// <summary>A semaphore for one, whose sleepers may join its queue too late.</summary>
    [KernelObject]
    private sealed class Semaphore(bool QueuesLate, int rounds)
    {
        private SimulatedKernel _kernel;
        private SpinLock<SimulatedKernel> _lock;
        private Shared<SimulatedKernel> _taken;
        private WaitQueue<SimulatedKernel> _queue;

        internal MachineImage Boot() => SmallMachine.Boot(
            2,
            boot =>
            {
                _kernel = boot.Kernel;
                _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
                _taken = Shared<SimulatedKernel>.Create(boot, "taken", _lock.Number);
                _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
                boot.Spawn("test", Run);
                boot.Spawn("test", Run);
            },
            options: null,
            new DeadlockDetector());

        private async KernelTask Run()
        {
            for (var left = new RoundsLeft(rounds); await left.Next(_kernel);)
            {
                await Down();
                await Up();
                _kernel.OperationDone();
            }
        }

        private async KernelTask Down()
        {
            await _lock.Acquire();
            while (_taken.Value != 0)
            {
                if (!QueuesLate)
                    await Join();

                await _lock.Release();
                if (QueuesLate)
                    await Join();

                await _kernel.Schedule();
                await _queue.Remove();
                await _lock.Acquire();
            }

            _taken.Value = 1;
            await _lock.Release();
        }

        private async KernelTask Join()
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _queue.Add();
        }

        private async KernelTask Up()
        {
            await _lock.Acquire();
            _taken.Value = 0;
            await _lock.Release();
            await _queue.WakeUpAll();
        }
    }
}
