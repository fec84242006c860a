using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>What would make steps that are looked up lie shows while they are used as they usually are.</summary>
public sealed class NoticedMistakeTests
{
    [Fact]
    public void A_read_that_is_not_logged_is_noticed_at_the_usual_rate_and_is_no_verdict()
    {
        SharedArray<SimulatedKernel> word = default;
        SharedArray<SimulatedKernel> seen = default;
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            seen = SharedArray<SimulatedKernel>.Create(boot, "seen", 1, guard: -1);
            boot.Spawn("test", async () => await word.FetchAdd(0, 1));
            boot.Spawn("test", async () =>
            {
                int value = await word.ReadOnce(0);
                seen[0] = value;
            });
        });
        var memo = new MemoOptions { Hidden = image.Regions.Single(region => region.Name == "word") };

        var options = new VerifierOptions { Memo = memo, ShortestWay = false };
        var explorer = new Explorer(
            image,
            () => new RandomWalkStrategy(seed: 1),
            new ExplorerOptions { Executions = 500, Memo = memo, StepsBeforeMemo = 0, DeterminismEvery = 0 });

        Assert.Throws<StepMemoException>(() => explorer.Run(TestContext.Current.CancellationToken));
        Assert.Throws<StepMemoException>(() =>
            new Verifier(image, options).Run(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_execution_that_was_looked_up_is_run_again_by_who_performs_each_step()
    {
        const int Executions = 500;
        const int Every = 10;
        var performed = new System.Threading.AsyncLocal<int>(); // What nobody can see from outside, like a clock.
        SharedArray<SimulatedKernel> word = default;
        MachineImage image = SmallMachine.Boot(1, boot =>
        {
            word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            boot.Spawn("test", async () =>
            {
                await word.ReadOnce(0);
                if (++performed.Value > Executions / Every) // More than it is where it is only looked up and compared.
                    word[0]++;
            });
        });
        var options = new ExplorerOptions { Executions = Executions, DeterminismEvery = Every, StepsBeforeMemo = 0 };

        ExplorationReport report = new Explorer(image, () => new RandomWalkStrategy(seed: 1), options)
            .Run(TestContext.Current.CancellationToken);
        ExplorationReport plain = new Explorer(
            image, () => new RandomWalkStrategy(seed: 1), options with { DeterminismEvery = 0 })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.First?.Finding.Class);
        Assert.Null(plain.First);
    }

    [Fact]
    public void What_is_found_is_run_again_on_a_machine_booted_anew()
    {
        bool isFirst = true;
        MachineImage Boot() => SmallMachine.Boot(1, boot =>
        {
            SimulatedKernel kernel = boot.Kernel;
            var word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            bool fails = isFirst;
            isFirst = false;
            boot.Spawn("test", async () =>
            {
                await word.ReadOnce(0);
                if (fails)
                    kernel.Fail(FailureClass.Assertion, "it is wrong");
            });
        });

        var options = new ExplorerOptions { Executions = 1 };
        ExplorationReport report = new Explorer(Boot, () => new RandomWalkStrategy(seed: 1), options)
            .Run(TestContext.Current.CancellationToken);

        report.First?.Finding.AssertFound(FailureClass.Nondeterminism, "nothing wrong on a machine booted anew");
        Assert.NotNull(report.First);
    }
}
