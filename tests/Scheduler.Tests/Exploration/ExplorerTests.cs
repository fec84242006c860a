using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>A report depends on the numbers of the executions only, never on who ran them.</summary>
public sealed class ExplorerTests
{
    private const int ThreeChunks = 3 * 512;

    private readonly StuckTasks _stuck = new();
    private Shared<SimulatedKernel> _word;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_jobs_report_what_one_reports(bool keepGoing)
    {
        MachineImage image = Boot(_stuck.TakeBoth, _stuck.TakeBothTheOtherWay, _stuck.TakeBoth);
        var options = new ExplorerOptions { Executions = ThreeChunks + 100, KeepGoing = keepGoing };

        ExplorationReport one = Explore(image, options);
        ExplorationReport two = Explore(image, options with { Jobs = 2 });

        Assert.NotNull(one.First);
        AssertSame(one, two);
    }

    [Fact]
    public void The_first_failure_is_the_one_with_the_lowest_number_whoever_is_faster()
    {
        // Execution 600 is in the second chunk and its worker waits until the third chunk has failed, at execution
        // 1030.
        using var laterHasFailed = new ManualResetEventSlim();
        MachineImage image = BootChoice();
        ExplorationReport report = new Explorer(
            image,
            () => new CommandedStrategy(number => number is 600 or 1030, number =>
            {
                if (number == 600)
                    Assert.True(laterHasFailed.Wait(TimeSpan.FromSeconds(60)));
                else if (number == 1031)
                    laterHasFailed.Set();
            }),
            new ExplorerOptions { Executions = ThreeChunks, Jobs = 2, KeepGoing = true }).Run(TestContext.Current.CancellationToken);

        Assert.Equal(600, report.First!.Number);
        Assert.Equal(2, report.Failures);
        Assert.Equal(ThreeChunks, report.Executions);
    }

    [Fact]
    public void The_report_ends_with_the_first_failure_unless_it_is_to_go_on()
    {
        ExplorationReport report = new Explorer(
            BootChoice(), () => new CommandedStrategy(number => number >= 600), new ExplorerOptions { Executions = ThreeChunks, Jobs = 2 }).Run(TestContext.Current.CancellationToken);

        Assert.Equal(600, report.First!.Number);
        Assert.Equal(600, report.Executions);
        Assert.Equal(1, report.Failures);
    }

    [Fact]
    public void Going_on_counts_every_failure()
    {
        ExplorationReport report = new Explorer(
            BootChoice(), () => new CommandedStrategy(number => number % 5 == 0), new ExplorerOptions { Executions = 1000, KeepGoing = true }).Run(TestContext.Current.CancellationToken);

        Assert.Equal(5, report.First!.Number);
        Assert.Equal(200, report.Failures);
        Assert.Equal(1000, report.Executions);
    }

    [Fact]
    public void A_strategy_that_repeats_itself_is_told_from_one_that_does_not()
    {
        MachineImage image = Boot(AddTen, AddTen, AddTen);
        var options = new ExplorerOptions { Executions = ThreeChunks };
        ExplorationReport one = new Explorer(image, () => new CommandedStrategy(_ => false), options)
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal((512, 1), (one.Compared, one.Distinct));
        Assert.Equal((512, 512), (Explore(image, options).Compared, Explore(image, options).Distinct));
        Assert.Equal(new ClassSample(512, Once: 0, Later: 256, NewLater: 0), one.Classes);
        Assert.Equal(new ClassSample(512, Once: 512, Later: 256, NewLater: 256), Explore(image, options).Classes);
    }

    [Fact]
    public void Executions_that_differ_in_nothing_but_the_order_of_independent_steps_are_one()
    {
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            SharedArray<SimulatedKernel> words = SharedArray<SimulatedKernel>.Create(boot, "words", 2, guard: -1);
            boot.Spawn("first", async () => await words.FetchAdd(0, 1));
            boot.Spawn("second", async () => await words.FetchAdd(1, 1));
        });
        ExplorationReport report = Explore(image, new ExplorerOptions { Executions = 100 });

        Assert.Equal((100, 1), (report.Compared, report.Distinct));
    }

    [Fact]
    public void How_many_executions_are_compared_does_not_depend_on_what_they_show()
    {
        // The first execution that fails ends the sample: nothing follows from it for others.
        MachineImage image = BootChoice();
        var options = new ExplorerOptions { Executions = 1000 };
        ExplorationReport stopped = new Explorer(image, () => new CommandedStrategy(number => number == 9), options)
            .Run(TestContext.Current.CancellationToken);
        ExplorationReport whole = new Explorer(
            image, () => new CommandedStrategy(number => number == 9), options with { KeepGoing = true })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal((9, null), (stopped.Compared, stopped.Classes));
        Assert.Equal(new ClassSample(512, Once: 1, Later: 256, NewLater: 0), whole.Classes);
    }

    private async KernelTask AddTen()
    {
        for (int i = 0; i < 10; i++)
            await _word.FetchAdd(1);
    }

    [Fact]
    public void The_schedule_of_a_failure_leads_to_it_again()
    {
        MachineImage image = Boot(_stuck.TakeBoth, _stuck.TakeBothTheOtherWay);
        ExplorationReport report = Explore(image, new ExplorerOptions { Executions = 1000 });
        Machine machine = image.Started();
        foreach (Transition transition in report.First!.Schedule)
            machine.Perform(transition);

        Assert.Equal(report.First.Finding, machine.RunToEnd().Finding);
    }

    [Fact]
    public void Executions_that_do_not_end_are_cut_off_and_counted()
    {
        MachineImage image = Boot(async () =>
        {
            while (true)
                await _word.FetchAdd(1);
        });
        ExplorationReport report = Explore(image, new ExplorerOptions { Executions = 10, StepsMax = 50 });

        Assert.Equal((10, 500, 50, 0), (report.CutOff, report.Steps, report.StepsMax, report.Failures));
    }

    [Fact]
    public void An_execution_that_ends_at_the_step_limit_is_not_cut_off()
    {
        MachineImage image = Boot(async () => await _word.FetchAdd(1));
        Assert.Equal(0, Explore(image, new ExplorerOptions { Executions = 10, StepsMax = 1 }).CutOff);
    }

    [Fact]
    public void Progress_shows_a_report_after_each_chunk()
    {
        var seen = new List<long>();
        var explorer = new Explorer(BootChoice(), () => new CommandedStrategy(_ => false), new ExplorerOptions { Executions = ThreeChunks })
        {
            Progress = report => seen.Add(report.Executions),
        };
        explorer.Run(TestContext.Current.CancellationToken);
        Assert.Equal([512, 1024, 1536], seen);
    }

    [Fact]
    public void A_failure_to_show_progress_stops_the_workers_and_is_thrown_to_the_caller()
    {
        var explorer = new Explorer(
            BootChoice(), () => new CommandedStrategy(_ => false), new ExplorerOptions { Executions = long.MaxValue / 2, Jobs = 2 })
        {
            Progress = _ => throw new IOException("the terminal is gone"),
        };
        // It comes back: the budget would take years.
        Assert.Throws<IOException>(() => explorer.Run(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Misuse_of_the_library_is_thrown_to_the_caller(int jobs)
    {
        MachineImage image = Boot(async () =>
        {
            await _word.FetchAdd(1);
            throw new KernelMisuseException("a mistake in the scenario");
        });
        var explorer = new Explorer(image, () => new RandomWalkStrategy(1), new ExplorerOptions { Executions = ThreeChunks, Jobs = jobs });

        Assert.EndsWith(": a mistake in the scenario", Assert.Throws<KernelMisuseException>(() => explorer.Run(TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    private static ExplorationReport Explore(MachineImage image, ExplorerOptions options) =>
        new Explorer(image, () => new RandomWalkStrategy(1), options).Run(TestContext.Current.CancellationToken);

    private static void AssertSame(ExplorationReport one, ExplorationReport two)
    {
        Assert.Equal(one with { First = null }, two with { First = null });
        Assert.Equal(one.First!.Schedule, two.First!.Schedule);
        Assert.Equal(one.First with { Schedule = [] }, two.First with { Schedule = [] });
    }

    private MachineImage Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _stuck.Lay(boot);
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        detectors: new DeadlockDetector());

    // Fails if task 1 comes first.
    private MachineImage BootChoice() => Boot(
        async () => await _word.WriteOnce(1),
        async () =>
        {
            int first = await _word.ReadOnce();
            if (first == 0)
                default(SimulatedKernel).Fail(FailureClass.Assertion, "task 1 came first");
        });
}
