using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Memo;

/// <summary>Random walks over cells are the walks over the machine itself.</summary>
public class CellTests
{
    private const int OnCellsInSearch = 100; // The first chunk is not.

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> Targets =>
    [
        .. s_catalogue.Scenarios.Select(scenario => scenario.Name),
        .. s_catalogue.Races.Select(race => race.Name),
    ];

    public static TheoryData<string> Variants => [.. s_catalogue.Variants.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Exploring_with_cells_finds_the_same(string target) => FindsTheSame(target, variant: null);

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_does_exploring_a_variant(string variant) => FindsTheSame("churn", variant);

    [Theory]
    [InlineData("churn", 50)]
    [InlineData("churn", 1)] // Most words have their roles yet to be found.
    [InlineData("shared", 50)]
    [InlineData("exhaust", 50)]
    [InlineData("exhaust", 1)]
    [InlineData("nested", 50)]
    [InlineData("script", 1)]
    public void Each_execution_is_the_same_step_by_step_and_ends_in_the_same_state(string target, int recorded)
    {
        MachineImage image = s_catalogue.Resolve(target, variant: null, new SizeRequest()).Boot();

        // Where each step is performed as well, the walk that makes most of them otherwise makes none.
        foreach (MemoOptions options in (MemoOptions[])[MemoOptions.Shadow, new MemoOptions()])
        {
            (Execution execution, CellMachine cells) = OnCells(image, options, recorded);
            var plain = new Execution(new Machine(image));
            var strategy = new RandomWalkStrategy(CellRuns.Seed);
            for (int number = 1; number <= 40; number++)
            {
                plain.Run(strategy, number);
                execution.Run(strategy, number);
                CellRuns.AssertSame(plain, execution);
            }

            Assert.True(cells.Fits);
            Assert.True(cells.Checked > 0, "no step was made on cells");
        }
    }

    [Theory]
    [InlineData("tasks")]
    [InlineData("kmap_lock")]
    [InlineData("pkmap_map_wait")]
    [InlineData("pkmap_count")]
    [InlineData("last_pkmap_nr")]
    [InlineData("page_table")]
    [InlineData("tlb")]
    [InlineData("memory")]
    public void Words_that_are_taken_for_constant_are_noticed(string region)
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        MemoryRegion hidden = image.Regions.Single(known => known.Name == region);
        (Execution execution, _) = OnCells(image, MemoOptions.Shadow with { HiddenFromCells = hidden });

        Assert.Throws<StepMemoException>(() => RunSome(execution, 100));
    }

    [Fact]
    public void Where_tasks_share_too_many_words_the_machine_goes_on_by_itself()
    {
        var size = new SizeRequest { Tasks = 8, Slots = 4, Pages = 8 };
        MachineImage image = s_catalogue.Resolve("churn", variant: null, size).Boot();
        (Execution execution, CellMachine cells) = OnCells(image, MemoOptions.Shadow, recorded: 1);
        var plain = new Execution(new Machine(image));
        var strategy = new RandomWalkStrategy(CellRuns.Seed);
        for (int number = 1; number <= 10; number++)
        {
            plain.Run(strategy, number);
            execution.Run(strategy, number);

            Assert.Equal(plain.Schedule, execution.Schedule);
            Assert.Equal(plain.EndState(), execution.EndState());
        }

        Assert.False(cells.Fits);
        Assert.False(cells.PaysOff(steps: 1));
    }

    [Fact]
    public void Steps_are_looked_up_far_from_a_core_only_where_cells_will_do_without_that()
    {
        var size = new SizeRequest { Tasks = 16, Slots = 512, Pages = 2000 };
        MachineImage image = s_catalogue.Resolve("churn", variant: null, size).Boot();
        var machine = new Machine(image, new FrameStore(comparesWhole: false), new MemoOptions());
        var execution = new Execution(machine);
        StepMemo memo = machine.Memo!;
        Assert.True(memo.PaysOff(steps: 1, leadsToCells: false));

        var strategy = new RandomWalkStrategy(CellRuns.Seed);
        for (int number = 1; number <= 1000 && memo.PaysOff(steps: 1, leadsToCells: false); number++)
            execution.Run(strategy, number);

        Assert.False(memo.PaysOff(steps: 1, leadsToCells: false));
        Assert.True(memo.PaysOff(steps: 1, leadsToCells: true));
    }

    [Fact]
    public void An_execution_that_goes_on_without_progress_is_judged_as_ever()
    {
        // Longer than a walk over cells: the machine goes on where that ends.
        MachineImage image = s_catalogue
            .Resolve("churn", variant: null, new SizeRequest { Tasks = 2, Rounds = 100 })
            .Boot();
        (Execution execution, _) = OnCells(image, new MemoOptions());
        var plain = new Execution(new Machine(image));
        var strategy = new RandomWalkStrategy(CellRuns.Seed);

        plain.Run(strategy, 3);
        execution.Run(strategy, 3);

        Assert.True(plain.Steps > CellWalk.StepsMax / 4);
        Assert.Equal(plain.Schedule, execution.Schedule);
        Assert.Equal(plain.EndState(), execution.EndState());
    }

    [Fact]
    public void A_walk_that_is_warm_allocates_hardly_anything()
    {
        MachineImage image = s_catalogue.Resolve("nested", variant: null, new SizeRequest { Slots = 4 }).Boot();
        (Execution execution, _) = OnCells(image, new MemoOptions());
        RunSome(execution, 1000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RunSome(execution, 1000);

        // Some ends are judged again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    private static void FindsTheSame(string target, string? variant) => CellRuns.AssertFindsTheSame(
        s_catalogue.Resolve(target, variant, new SizeRequest()),
        () => new RandomWalkStrategy(CellRuns.Seed),
        MemoOptions.Shadow,
        OnCellsInSearch,
        stepsMax: 3000);

    private static void RunSome(Execution execution, int executions) =>
        CellRuns.RunSome(execution, new RandomWalkStrategy(CellRuns.Seed), executions);

    private static (Execution Execution, CellMachine Cells) OnCells(
        MachineImage image,
        MemoOptions options,
        int recorded = 50) => CellRuns.OnCells(image, options, recorded);
}
