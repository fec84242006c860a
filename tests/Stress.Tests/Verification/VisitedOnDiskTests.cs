using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>Visited states that are on disk change nothing but speed.</summary>
public sealed class VisitedOnDiskTests : SearchInPieces
{
    public static TheoryData<string, int, int, bool, bool, int> Targets()
    {
        var targets = new TheoryData<string, int, int, bool, bool, int>();
        foreach ((string name, int tasks, int slots) in Programs)
        {
            targets.Add(name, tasks, slots, true, true, 1);
            targets.Add(name, tasks, slots, false, true, 2);
            targets.Add(name, tasks, slots, true, false, 1);
            targets.Add(name, tasks, slots, false, false, 1);
        }

        return targets;
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_search_that_has_its_states_on_disk_says_the_same(
        string name, int tasks, int slots, bool fusion, bool symmetry, int jobs)
    {
        Experiment target = Resolve(name, tasks, slots);
        VerifierOptions options = Options() with { Fusion = fusion, Symmetry = symmetry, Jobs = jobs };
        VerificationReport inMemory = Search(target, options);

        VerifierOptions onDisk = options with { StatesInMemoryMax = 64 };
        VerificationReport spilled = Search(target, onDisk);

        Assert.Equal(ReportText.Of(inMemory), ReportText.Of(spilled));
        Assert.Equal(0, inMemory.SpilledBytes);
        Assert.True(inMemory.States < 200 || spilled.SpilledBytes > 0, "nothing went to disk");
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void States_that_go_to_disk_in_the_midst_of_a_level_are_found_again(int jobs)
    {
        Experiment target = Resolve("churn", 4, 2);
        VerifierOptions options = Options() with { Fusion = true, Symmetry = false, Jobs = jobs };
        VerificationReport inMemory = Search(target, options);

        VerifierOptions onDisk = options with { StatesInMemoryMax = 10_000 };
        VerificationReport spilled = Search(target, onDisk);

        Assert.Equal(ReportText.Of(inMemory), ReportText.Of(spilled));
        Assert.True(spilled.SpilledBytes > 2 * 16 * inMemory.States, "files were not merged");
    }

    [Fact]
    public void A_search_for_which_memory_is_too_small_goes_on_on_disk_and_says_that_progress_was_not_proved()
    {
        Experiment target = Resolve("churn", 4, 2);
        VerifierOptions options = Options() with { Fusion = true, Symmetry = false };
        VerificationReport inMemory = Search(target, options);

        VerifierOptions small = options with { MemoryMax = 5 << 20, Progress = true };
        VerificationReport spilled = Search(target, small);

        Assert.Equal(
            (inMemory.Verdict, inMemory.States, inMemory.Transitions, inMemory.MaxDepth),
            (spilled.Verdict, spilled.States, spilled.Transitions, spilled.MaxDepth));
        Assert.Equal(Verdict.VerifiedSafety, spilled.Verdict);
        Assert.NotNull(spilled.Progress?.WhyNot);
        Assert.True(inMemory.TableBytes > 5 << 20, "all of it fits");
        Assert.InRange(spilled.TableBytes, 1, 5 << 20);
    }

    [Fact]
    public void A_disk_without_room_for_visited_states_makes_a_search_inconclusive()
    {
        Experiment target = Resolve("churn", 4, 2);
        VerifierOptions options = Options() with
        {
            Fusion = true,
            Symmetry = false,
            StatesInMemoryMax = 10_000,
            DiskMax = 1 << 20,
        };

        VerificationReport report = Search(target, options);

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Equal($"the states that were visited need more than 1 MiB of disk in {Folder}", report.Reason);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_search_on_disk_that_is_killed_in_the_midst_of_levels_says_the_same(int jobs)
    {
        Experiment target = Resolve("churn", 4, 2);
        VerifierOptions options = Options() with { Fusion = true, Symmetry = false, Jobs = jobs };
        VerificationReport whole = Search(target, options);
        options = options with { StatesInMemoryMax = 10_000 };

        (VerificationReport report, int kills) = RunInPieces(target, options, whole.States, blocks: 41);

        Assert.True(kills >= 5, $"killed {kills} times only");
        Assert.Equal(ReportText.Of(whole), ReportText.Of(report));
    }

    private VerifierOptions Options() => new() { Progress = false, ShortestWay = false, SpillDirectory = Folder };
}
