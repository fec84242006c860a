using System.Text.Json;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>Searches that have less memory than they would like.</summary>
public sealed class MemoryLimitTests : CommandLineTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_frontier_that_goes_to_disk_changes_no_count(int jobs)
    {
        var options = new VerifierOptions { Symmetry = false, Jobs = jobs, SpillDirectory = Folder };
        VerificationReport inMemory = Verify(options);

        VerificationReport spilled = Verify(options with { MemoryMax = inMemory.TableBytes });

        Assert.Equal(0, inMemory.SpilledBytes);
        Assert.True(spilled.SpilledBytes > 1 << 20, $"only {spilled.SpilledBytes} bytes went to disk");
        Assert.Equal(Verdict.Verified, spilled.Verdict);
        Assert.Equal(
            inMemory with { SpilledBytes = 0, TableBytes = 0 }, spilled with { SpilledBytes = 0, TableBytes = 0 });
        Assert.Empty(Directory.GetFiles(Folder, "frontier-*"));
    }

    [Fact]
    public void A_search_that_runs_out_of_memory_is_inconclusive_and_says_what_it_has_covered()
    {
        JsonElement report = RunForJson(
            ExitCode.NoAnswer, "verify", "churn", "--tasks", "4", "--slots", "2", "--pages", "4", "--rounds", "forever", "--no-symmetry", "--max-memory", "4");

        Assert.Equal("inconclusive", report.GetProperty("verdict").GetString());
        Assert.Equal("the tables are larger than 4 MiB", report.GetProperty("reason").GetString());
        Assert.True(report.GetProperty("states").GetInt64() > 10_000, "it has given up at once");
        Assert.True(report.GetProperty("transitions").GetInt64() > report.GetProperty("maxDepth").GetInt32());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("failure").ValueKind);
    }

    [Fact]
    public void Tables_that_grow_while_two_threads_use_them_lose_no_state()
    {
        var options = new VerifierOptions { Symmetry = false, SpillDirectory = Folder };
        VerificationReport one = Verify(options);

        VerificationReport two = Verify(options with { Jobs = 2 });

        Assert.True(one.States > 100_000, "no table has grown often");
        Assert.Equal(one with { TableBytes = 0 }, two with { TableBytes = 0 });
    }

    private static VerificationReport Verify(VerifierOptions options)
    {
        var size = new SizeRequest { Tasks = 4, Slots = 2, Pages = 4, Rounds = 0 };
        Experiment churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve("churn", null, size) with { Fusion = true };
        return new Verifier(churn.Boot(), options).Run();
    }
}
