using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Checkpoints;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// A search that was killed and gone on with says what one says that never was: verdict, counts, schedules and words.
/// </summary>
public sealed class ResumeTests : SearchInPieces
{
    public static TheoryData<string, int, int, bool, bool, int> Targets()
    {
        var targets = new TheoryData<string, int, int, bool, bool, int>();
        foreach ((string name, int tasks, int slots) in Programs)
        {
            targets.Add(name, tasks, slots, true, true, 1);
            targets.Add(name, tasks, slots, true, true, 2);
            targets.Add(name, tasks, slots, false, true, 1);
            targets.Add(name, tasks, slots, true, false, 1);
            targets.Add(name, tasks, slots, false, false, 2);
        }

        return targets;
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_search_that_is_killed_after_every_level_says_the_same(
        string name, int tasks, int slots, bool fusion, bool symmetry, int jobs)
    {
        Experiment target = Resolve(name, tasks, slots);
        var options = new VerifierOptions
        {
            Fusion = fusion,
            Symmetry = symmetry,
            ShortestWay = false, // That is another search, which begins anew.
            Jobs = jobs,
            SpillDirectory = Folder,
        };
        VerificationReport whole = Search(target, options);

        (VerificationReport resumed, int kills) = RunInPieces(target, options, whole.States);

        Assert.True(kills >= 5, $"killed {kills} times only");
        Assert.Equal(ReportText.Of(whole), ReportText.Of(resumed));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_search_that_is_killed_in_the_midst_of_levels_says_the_same(int jobs, bool progress)
    {
        Experiment target = Resolve("churn", 4, 2);
        var options = new VerifierOptions
        {
            Fusion = true,
            Symmetry = false,
            Jobs = jobs,
            Progress = progress,
            SpillDirectory = Folder,
        };
        VerificationReport whole = Search(target, options);
        if (!progress)
            options = options with { MemoryMax = whole.TableBytes + (1 << 20) }; // The frontier goes to disk.

        (VerificationReport resumed, int kills) = RunInPieces(target, options, whole.States, blocks: 23);

        Assert.True(kills >= 10, $"killed {kills} times only");
        Assert.Equal(ReportText.Of(whole), ReportText.Of(resumed));
        Assert.Equal(!progress, resumed.SpilledBytes > 0);
    }

    [Fact]
    public void Whoever_goes_on_may_have_other_jobs_and_other_limits()
    {
        Experiment target = Resolve("churn", 3, 2);
        var options = new VerifierOptions { Fusion = true, SpillDirectory = Folder };
        VerificationReport whole = Search(target, options);
        using (var first = new Checkpoint(FilePath, Identity(target)))
        {
            VerifierOptions less = options with { StatesMax = whole.States / 2, Jobs = 2, Checkpoint = first };
            VerificationReport cut = Search(target, less);
            Assert.Equal(Verdict.Inconclusive, cut.Verdict);
        }

        using var second = new Checkpoint(FilePath, Identity(target));
        second.Resume();
        VerificationReport resumed = Search(target, options with { Checkpoint = second });

        Assert.Equal(ReportText.Of(whole), ReportText.Of(resumed));
    }
}
