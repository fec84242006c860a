using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Memo;

/// <summary>Strategies choose from points in cells what they choose on the machine itself.</summary>
public class PointTests
{
    private const int Recorded = 60;
    private const int Compared = 120;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);
    private static readonly StrategyCatalogue s_strategies = new();

    /// <summary>All strategies that run on cells, over scenarios of several sizes.</summary>
    public static TheoryData<string, string, int, int, int> Cases
    {
        get
        {
            (string Target, int Tasks, int Slots, int Pages)[] sizes =
            [
                ("churn", 2, 1, 2), ("churn", 3, 2, 3), ("churn", 4, 2, 4), ("churn", 5, 2, 5), ("shared", 3, 2, 3),
                ("exhaust", 4, 2, 4), ("exhaust", 3, 1, 3), ("nested", 2, 4, 4), ("nested", 2, 2, 2),
            ];
            var cases = new TheoryData<string, string, int, int, int>();
            foreach (string strategy in OnPoints())
            {
                foreach ((string target, int tasks, int slots, int pages) in sizes)
                    cases.Add(strategy, target, tasks, slots, pages);
            }

            return cases;
        }
    }

    public static TheoryData<string> Targets =>
    [
        .. s_catalogue.Scenarios.Select(scenario => scenario.Name),
        .. s_catalogue.Races.Select(race => race.Name),
    ];

    public static TheoryData<string> Variants => [.. s_catalogue.Variants.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_execution_is_the_same_step_by_step(string name, string target, int tasks, int slots, int pages)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Pages = pages };
        MachineImage image = s_catalogue.Resolve(target, variant: null, size).Boot();
        foreach (ulong seed in (ulong[])[1, 7])
        {
            (Execution execution, CellMachine cells) = OnCells(image, MemoOptions.Shadow);
            StrategyEntry entry = s_strategies.Strategy(name);
            Compare(new Execution(new Machine(image)), execution, () => entry.Create(seed), Compared);
            Assert.True(cells.Checked > 0, "no step was made on cells");
        }
    }

    [Theory]
    [InlineData("churn")]
    [InlineData("exhaust")]
    public void Auto_learns_the_same_and_shares_alike_in_all_its_chunks(string target)
    {
        MachineImage image = s_catalogue.Resolve(target, variant: null, new SizeRequest { Tasks = 3 }).Boot();
        (Execution execution, CellMachine cells) = OnCells(image, new MemoOptions(CheckEvery: 50));
        List<AutoStrategy> made = [];

        // Three chunks are shared, the fourth is the one of what is rare, and the next is shared again.
        Compare(new Execution(new Machine(image)), execution, Make, (4 * SearchStrategy.ChunkSize) + 100);

        Assert.Equal(made[0].Shares, made[1].Shares);
        Assert.All(made[0].Shares, share => Assert.True(share.Executions > 0));
        Assert.True(cells.Checked > 1000);

        AutoStrategy Make()
        {
            made.Add(new AutoStrategy(seed: 3));
            return made[^1];
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Exploring_with_all_strategies_in_cells_finds_the_same(string target) =>
        FindsTheSame(target, variant: null);

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_does_exploring_a_variant(string variant) => FindsTheSame("churn", variant);

    [Theory]
    [InlineData("random")]
    [InlineData("auto")]
    public void With_more_contexts_than_are_looked_at_at_once_it_is_the_same(string name)
    {
        var size = new SizeRequest { Tasks = CellState.FewContexts + 4, Slots = 1, Pages = 1, Rounds = 1 };
        MachineImage image = s_catalogue.Resolve("churn", variant: null, size).Boot();
        (Execution execution, _) = OnCells(image, MemoOptions.Shadow);

        Compare(new Execution(new Machine(image)), execution, () => s_strategies.Strategy(name).Create(1), 10);
    }

    [Theory]
    [InlineData("kinds", "kmap_lock")]
    [InlineData("pos", "pkmap_map_wait")]
    [InlineData("rare", "pkmap_count")]
    [InlineData("rare", "last_pkmap_nr")]
    [InlineData("auto", "kmap_lock")]
    [InlineData("auto", "pkmap_map_wait")]
    public void An_answer_that_is_wrong_is_noticed(string name, string region)
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        MemoryRegion hidden = image.Regions.Single(known => known.Name == region);
        (Execution execution, _) = OnCells(image, MemoOptions.Shadow with { HiddenFromLooks = hidden });
        SearchStrategy strategy = s_strategies.Strategy(name).Create(seed: 1);

        StepMemoException wrong = Assert.Throws<StepMemoException>(() => CellRuns.RunSome(execution, strategy, 100));

        Assert.StartsWith("the answer to what", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_of_a_user_sees_the_machine_itself_at_each_point()
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        (Execution execution, _) = OnCells(image, MemoOptions.Shadow);
        var strategy = new LookingStrategy();

        CellRuns.RunSome(execution, strategy, 20);

        Assert.True(strategy.Points > 1000);
    }

    [Fact]
    public void A_warm_walk_of_any_strategy_allocates_hardly_anything()
    {
        foreach (string name in OnPoints())
        {
            MachineImage image = s_catalogue.Resolve("nested", variant: null, new SizeRequest { Slots = 4 }).Boot();
            (Execution execution, _) = OnCells(image, new MemoOptions());
            SearchStrategy strategy = s_strategies.Strategy(name).Create(seed: 1);
            CellRuns.RunSome(execution, strategy, 1500);

            long before = GC.GetAllocatedBytesForCurrentThread();
            CellRuns.RunSome(execution, strategy, 1000);

            // Some ends are judged again, and some points compared.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
        }
    }

    private static IEnumerable<string> OnPoints() => s_strategies
        .Entries.Select(entry => entry.Name)
        .Where(name => s_strategies.Strategy(name).Create(seed: 1) is IPointStrategy);

    private static void Compare(Execution plain, Execution execution, Func<SearchStrategy> make, int executions)
    {
        (SearchStrategy one, SearchStrategy other) = (make(), make());
        for (int number = 1; number <= executions; number++)
        {
            plain.Run(one, number);
            execution.Run(other, number);
            CellRuns.AssertSame(plain, execution);
        }
    }

    private static void FindsTheSame(string target, string? variant) => CellRuns.AssertFindsTheSame(
        s_catalogue.Resolve(target, variant, new SizeRequest()),
        () => new AutoStrategy(CellRuns.Seed),
        new MemoOptions(CheckEvery: 10),
        Compared,
        stepsMax: 1000);

    private static (Execution Execution, CellMachine Cells) OnCells(MachineImage image, MemoOptions options) =>
        CellRuns.OnCells(image, options, Recorded);

    /// <summary>Picks the last, and looks at the machine for it.</summary>
    private sealed class LookingStrategy : SearchStrategy
    {
        public override string Name => "looking";

        internal int Points { get; private set; }

        public override void Begin(long execution)
        {
        }

        public override int Choose(in SchedulingPoint point)
        {
            Points++;
            Assert.Equal(point.Machine.Enabled(), point.Enabled);
            foreach (Transition transition in point.Enabled)
                Assert.True(point.Machine.IsReady(transition.Subject));

            return point.Count - 1;
        }
    }
}
