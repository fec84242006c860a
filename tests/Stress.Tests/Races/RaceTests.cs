using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Races;

public class RaceTests
{
    private const ulong Seed = 1;
    private const int Executions = 20_000;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> Races => [.. s_catalogue.Races.Select(race => race.Name)];

    public static TheoryData<string> VariantRaces =>
        [.. s_catalogue.Races.Where(race => race.Experiment.Variant is not null).Select(race => race.Name)];

    public static TheoryData<string> Benign =>
        [.. s_catalogue.Variants.Where(variant => variant.Attribute.IsBenign).Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Races))]
    public void Every_race_is_found_and_replays_to_the_same_failure(string name)
    {
        RaceEntry race = s_catalogue.Race(name);
        MachineImage image = race.Experiment.Boot();

        FailedExecution? failed = Explore(image).First;

        Assert.NotNull(failed);
        Assert.True(race.IsShownBy(failed.Finding.Class), failed.Finding.ToString());
        ReplayReport replay = new Replay(new Machine(image)).Run(failed.Schedule, failed.Finding.Class);
        Assert.Null(replay.Divergence);
        Assert.Equal(failed.Finding, replay.Finding);
        Assert.Equal(failed.Schedule.Length, replay.Steps);
    }

    [Theory]
    [MemberData(nameof(VariantRaces))]
    public void The_port_itself_is_free_of_every_race(string name)
    {
        Experiment experiment = s_catalogue.Race(name).Experiment with { Variant = null };

        ExplorationReport report = Explore(experiment.Boot());

        Assert.Null(report.First);
        Assert.Equal(Executions, report.Executions);
    }

    [Theory]
    [MemberData(nameof(Benign))]
    public void A_harmless_change_is_not_reported(string variant)
    {
        SizeRequest[] sizes = [new() { Tasks = 3, Slots = 1, Pages = 3 }, new() { Tasks = 3, Slots = 2, Pages = 2 }];
        foreach (SizeRequest size in sizes)
        {
            foreach (string scenario in (string[])["churn", "shared"])
            {
                ExplorationReport report = Explore(s_catalogue.Resolve(scenario, variant, size).Boot());

                Assert.Null(report.First);
                Assert.Equal(Executions, report.Executions);
            }
        }
    }

    [Fact]
    public void Every_variant_is_benign_or_the_subject_of_a_race()
    {
        string[] raced = [.. s_catalogue.Races.Select(race => race.Experiment.Variant?.Name ?? "")];

        Assert.All(s_catalogue.Variants, variant =>
            Assert.NotEqual(variant.Attribute.IsBenign, raced.Contains(variant.Name)));
    }

    [Fact]
    public void Every_race_tells_its_story() => Assert.All(s_catalogue.Races, race =>
    {
        Assert.NotEmpty(race.Attribute.Story);
        Assert.NotEmpty(race.Attribute.Fix);
        Assert.NotEmpty(race.Attribute.Reference);
        Assert.NotEqual(FailureClass.Assertion, race.Attribute.Shows);
    });

    private static ExplorationReport Explore(MachineImage image) =>
        new Explorer(image, () => new RandomWalkStrategy(Seed), new ExplorerOptions { Executions = Executions }).Run();
}
