using System.Threading;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>A cancelled exploration reports the executions from the first on, without a gap.</summary>
public sealed class CancellationTests
{
    private readonly MachineImage _image = SmallMachine.Boot(1, boot =>
    {
        var word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        boot.Spawn("test", async () => await word.FetchAdd(1));
    });

    [Fact]
    public void A_run_that_is_cancelled_before_it_begins_reports_nothing()
    {
        ExplorationReport report = Explorer(_ => { }, jobs: 2).Run(new CancellationToken(canceled: true));
        Assert.Equal(0, report.Executions);
    }

    [Fact]
    public void A_cancelled_run_reports_what_it_has_done()
    {
        using var cancellation = new CancellationTokenSource();
        ExplorationReport report = Explorer(
            number =>
            {
                if (number == 700)
                    cancellation.Cancel();
            },
            jobs: 1).Run(cancellation.Token);
        Assert.Equal(700, report.Executions);
        Assert.Equal(700, report.Steps);
    }

    [Fact]
    public void What_a_faster_worker_did_beyond_a_chunk_that_was_cut_short_is_not_reported()
    {
        // The first chunk stops at execution 10 until the other worker is through the second one, and cancels in the
        // third.
        using var cancellation = new CancellationTokenSource();
        using var hasStopped = new ManualResetEventSlim();
        using var isCancelled = new ManualResetEventSlim();
        ExplorationReport report = Explorer(
            number =>
            {
                if (number == 10)
                {
                    hasStopped.Set();
                    Assert.True(isCancelled.Wait(TimeSpan.FromSeconds(60)));
                }
                else if (number == 1030)
                {
                    Assert.True(hasStopped.Wait(TimeSpan.FromSeconds(60)));
                    cancellation.Cancel();
                    isCancelled.Set();
                }
            },
            jobs: 2).Run(cancellation.Token);
        Assert.Equal(10, report.Executions);
        Assert.Equal(10, report.Steps);
    }

    private Explorer Explorer(Action<long> onBegin, int jobs) =>
        new(
            _image,
            () => new CommandedStrategy(_ => false, onBegin),
            new ExplorerOptions
            {
                Executions = 1_000_000,
                Jobs = jobs,
                WarmUpSteps = 0,
            }
        );
}
