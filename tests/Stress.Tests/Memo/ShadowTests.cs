using CsCheck;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Oracle;

namespace Kmaplab.Stress.Tests.Memo;

/// <summary>
/// In shadow mode every step that is looked up is performed as well: a difference is an exception, and fails the test.
/// </summary>
public class ShadowTests
{
    private const ulong Seed = 1;
    private const long Executions = 300;
    private const long StatesMax = 4000;
    private const int Programs = 50;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> Targets =>
    [
        .. s_catalogue.Scenarios.Select(scenario => scenario.Name),
        .. s_catalogue.Races.Select(race => race.Name),
    ];

    public static TheoryData<string> Variants => [.. s_catalogue.Variants.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Exploring_finds_the_same_with_steps_looked_up(string target) =>
        FindsTheSame(s_catalogue.Resolve(target, variant: null, new SizeRequest()));

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_does_exploring_a_variant(string variant) =>
        FindsTheSame(s_catalogue.Resolve("churn", variant, new SizeRequest { Tasks = 3 }));

    [Theory]
    [InlineData("churn")]
    [InlineData("shared")]
    [InlineData("shootdown")]
    public void So_does_exploring_on_shared_CPUs(string target) =>
        FindsTheSame(s_catalogue.Resolve(target, variant: null, new SizeRequest { Cpus = 1 }));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Verifying_says_the_same_with_steps_looked_up(string target)
    {
        Experiment experiment = s_catalogue.Resolve(target, variant: null, new SizeRequest());

        SaysTheSame(experiment, new VerifierOptions { StatesMax = StatesMax, Symmetry = false, ShortestWay = false });
        SaysTheSame(experiment, new VerifierOptions { StatesMax = StatesMax, Fusion = true, ShortestWay = false });
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_does_verifying_a_variant(string variant) => SaysTheSame(
        s_catalogue.Resolve("shared", variant, new SizeRequest { Tasks = 2 }),
        new VerifierOptions { StatesMax = StatesMax, Fusion = true, ShortestWay = false });

    [Fact]
    public void Random_programs_are_explored_and_verified_the_same()
    {
        int failing = 0;
        LanguagePrograms.Files.Sample(
            file =>
            {
                OracleProgram program = LanguagePrograms.Parse(file);
                FindsTheSame(() => Boot(program));
                foreach (bool reduces in (bool[])[false, true])
                {
                    var options = new VerifierOptions
                    {
                        StatesMax = StatesMax,
                        Fusion = reduces,
                        Symmetry = reduces,
                        ShortestWay = false,
                    };
                    failing += SaysTheSame(() => Boot(program), options) == Verdict.Violated ? 1 : 0;
                }
            },
            seed: "0N0XIzNsQ0O2",
            iter: Programs,
            threads: 1);

        Assert.InRange(failing, 10, (2 * Programs) - 10); // Unless some fail and some do not, little was shown.
    }

    [Theory]
    [InlineData("churn", "tasks")]
    [InlineData("churn", "kmap_lock")]
    [InlineData("churn", "pkmap_map_wait")]
    [InlineData("churn", "pkmap_count")]
    [InlineData("churn", "last_pkmap_nr")]
    [InlineData("churn", "page_table")]
    [InlineData("churn", "tlb")]
    [InlineData("churn", "memory")]
    [InlineData("migrate", "cpus")]
    [InlineData("interrupt-kmap", "cpus")]
    public void A_read_that_is_not_logged_is_noticed(string target, string region)
    {
        MachineImage image = s_catalogue.Resolve(target, variant: null, new SizeRequest()).Boot();
        Assert.Contains(image.Regions, known => known.Name == region);
        MemoryRegion hidden = image.Regions.Single(known => known.Name == region);

        Assert.Throws<StepMemoException>(() => Explore(image, MemoOptions.Shadow with { Hidden = hidden }));
    }

    [Theory]
    [InlineData("pkmap_count", true)]
    [InlineData("pkmap_count", false)]
    [InlineData("tasks", false)]
    [InlineData("kmap_lock", false)]
    [InlineData("pkmap_map_wait", false)]
    [InlineData("last_pkmap_nr", false)]
    [InlineData("page_table", false)]
    [InlineData("tlb", false)]
    public void So_it_is_when_verifying(string region, bool symmetry)
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        MemoryRegion hidden = image.Regions.Single(known => known.Name == region);
        var options = new VerifierOptions
        {
            Memo = MemoOptions.Shadow with { Hidden = hidden },
            Symmetry = symmetry,
            StatesMax = 10 * StatesMax,
        };

        Assert.Throws<StepMemoException>(() => new Verifier(image, options).Run(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("tasks")]
    [InlineData("tlb")]
    [InlineData("memory")]
    [InlineData("page_table")]
    [InlineData("kmap_lock")]
    public void A_word_that_no_renaming_is_seen_to_touch_is_noticed(string region)
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        MemoryRegion hidden = image.Regions.Single(known => known.Name == region);
        foreach (int checkEvery in (int[])[1, int.MaxValue]) // The second time only new states can show it.
        {
            var options = new VerifierOptions
            {
                Memo = new MemoOptions(checkEvery) { HiddenFromForms = hidden },
                StatesMax = 10 * StatesMax,
            };

            var verifier = new Verifier(image, options);
            Assert.Throws<StepMemoException>(() => verifier.Run(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_tasks_are_told_apart_nearly_all_successors_are_read_off_recorded_steps(bool fusion)
    {
        MachineImage image = s_catalogue.Resolve("churn", variant: null, new SizeRequest()).Boot();
        var options = new VerifierOptions { StatesMax = 5 * StatesMax, Symmetry = false, Fusion = fusion };

        using var search = new ExhaustiveSearch(image.WithFusion(fusion), options, () => image);
        VerificationReport report = search.Run(TestContext.Current.CancellationToken);

        // Choices of a round are performed, and each step that is met for the first time.
        Assert.InRange(search.Derived, report.Transitions * 7 / 10, report.Transitions);
    }

    private static MachineImage Boot(OracleProgram program)
    {
        var scenario = new OracleScenario<SimulatedKernel>(program, usesSpinLocks: false);
        return MachineBuilder.Boot(
            program.Threads.Length,
            interrupts: 0,
            new MachineOptions(),
            [.. StandardDetectors.Create()],
            boot => scenario.Boot(boot, new ScenarioSize()));
    }

    private static void FindsTheSame(Experiment experiment) => FindsTheSame(() => experiment.Boot());

    private static void FindsTheSame(Func<MachineImage> boot)
    {
        ExplorationReport plain = Explore(boot(), memo: null);
        ExplorationReport shadowed = Explore(boot(), MemoOptions.Shadow);

        Assert.Equal(plain.Executions, shadowed.Executions);
        Assert.Equal(plain.Steps, shadowed.Steps);
        Assert.Equal(plain.Failures, shadowed.Failures);
        Assert.Equal(plain.First?.Number, shadowed.First?.Number);
        Assert.Equal(plain.First?.Finding, shadowed.First?.Finding);
        Assert.Equal(plain.First?.Schedule ?? [], shadowed.First?.Schedule ?? []);
    }

    private static void SaysTheSame(Experiment experiment, VerifierOptions options) =>
        SaysTheSame(() => experiment.Boot(), options);

    private static Verdict SaysTheSame(Func<MachineImage> boot, VerifierOptions options)
    {
        VerificationReport plain = new Verifier(boot(), options with { Memo = null }).Run();
        VerificationReport shadowed = new Verifier(boot(), options with { Memo = MemoOptions.Shadow }).Run();

        Assert.Equal(plain.Verdict, shadowed.Verdict);
        Assert.Equal(plain.States, shadowed.States);
        Assert.Equal(plain.Transitions, shadowed.Transitions);
        Assert.Equal(plain.MaxDepth, shadowed.MaxDepth);
        Assert.Equal(plain.Fused, shadowed.Fused);
        Assert.Equal(plain.FusionDropped, shadowed.FusionDropped);
        Assert.Equal(plain.SymmetryDropped, shadowed.SymmetryDropped);
        Assert.Equal(plain.Counterexample?.Finding, shadowed.Counterexample?.Finding);
        Assert.Equal(plain.Counterexample?.Schedule ?? [], shadowed.Counterexample?.Schedule ?? []);
        return plain.Verdict;
    }

    private static ExplorationReport Explore(MachineImage image, MemoOptions? memo)
    {
        var options = new ExplorerOptions
        {
            Executions = Executions,
            StepsMax = 5000,
            KeepGoing = true,
            DeterminismEvery = 100,
            Memo = memo,
            StepsBeforeMemo = 0,
            ComparedMax = 0, // They are run on a machine that performs each step.
        };
        return new Explorer(image, () => new RandomWalkStrategy(Seed), options).Run();
    }
}
