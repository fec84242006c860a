using System.Text.Json;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Storage;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
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
        var options = new VerifierOptions { Symmetry = false, Progress = false, Jobs = jobs, SpillDirectory = Folder };
        VerificationReport inMemory = Verify(options);

        VerificationReport spilled = Verify(options with { MemoryMax = inMemory.TableBytes });

        Assert.Equal(0, inMemory.SpilledBytes);
        Assert.True(spilled.SpilledBytes > 1 << 20, $"only {spilled.SpilledBytes} bytes went to disk");
        Assert.Equal(Verdict.VerifiedSafety, spilled.Verdict);
        Assert.Equal(
            inMemory with { SpilledBytes = 0, TableBytes = 0 }, spilled with { SpilledBytes = 0, TableBytes = 0 });
        Assert.Empty(Directory.GetFiles(Folder, "frontier-*"));
    }

    [Fact]
    public void A_search_that_runs_out_of_memory_is_inconclusive_and_says_what_it_has_covered()
    {
        JsonElement report = RunForJson(
            ExitCode.NoAnswer,
            "verify",
            "churn",
            "--tasks",
            "4",
            "--slots",
            "2",
            "--pages",
            "4",
            "--rounds",
            "forever",
            "--no-symmetry",
            "--exact",
            "--max-memory",
            "4");

        Assert.Equal("inconclusive", report.GetProperty("verdict").GetString());
        Assert.Equal("the tables are larger than 4 MiB", report.GetProperty("reason").GetString());
        Assert.True(report.GetProperty("states").GetInt64() > 10_000, "it has given up at once");
        Assert.True(report.GetProperty("transitions").GetInt64() > report.GetProperty("maxDepth").GetInt32());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("failure").ValueKind);
    }

    [Fact]
    public void A_search_whose_frontier_needs_more_disk_than_it_may_take_is_inconclusive_and_says_so()
    {
        var options = new VerifierOptions
        {
            Symmetry = false,
            Progress = false,
            SpillDirectory = Folder,
            MemoryMax = 8 << 20,
            DiskMax = 1 << 20,
        };

        VerificationReport report = Verify(options);

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Equal($"the states still to be searched need more than 1 MiB of disk in {Folder}", report.Reason);
        Assert.InRange(report.SpilledBytes, 1, 1 << 20);
    }

    [Fact]
    public void A_folder_that_takes_no_file_makes_a_search_inconclusive_that_needs_one()
    {
        string file = Path.Combine(Folder, "file");
        File.WriteAllText(file, "");

        VerificationReport report = Verify(
            new VerifierOptions
            {
                Symmetry = false,
                Progress = false,
                SpillDirectory = Path.Combine(file, "spill"),
                MemoryMax = 8 << 20,
            }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith(
            "the states still to be searched cannot go to disk: ",
            report.Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_on_disk_has_no_name_that_could_be_left_behind()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("A file that is open keeps its name here.");

        var disk = new SpillDisk(Folder, bytesMax: null);
        using FileStream file = disk.Create();

        Assert.True(disk.TryWrite(file, "states"u8, 0));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        byte[] read = new byte[6];
        Assert.Equal(6, RandomAccess.Read(file.SafeFileHandle, read, 0));
        Assert.Equal("states"u8, read);
    }

    [Fact]
    public void A_search_for_which_memory_runs_out_is_inconclusive_and_says_so()
    {
        var size = new SizeRequest { Tasks = 3, Slots = 2, Pages = 3, Rounds = 0 };
        Experiment churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve("churn", null, size);
        var verifier = new Verifier(churn.Boot(), new VerifierOptions { SpillDirectory = Folder })
        {
            Progress = (states, _) => _ = states < 100 ? 0 : throw new InsufficientMemoryException(),
        };

        VerificationReport report = verifier.Run(TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith("memory ran out: ", report.Reason, StringComparison.Ordinal);
        Assert.True(report.States >= 100);
    }

    [Fact]
    public void A_program_for_which_memory_runs_out_has_no_answer()
    {
        using var noMemory = new NoMemory();
        using var stderr = new StringWriter();

        Assert.Equal(ExitCode.NoAnswer, LabProgram.Run(["releases"], new Terminal(noMemory, stderr)));

        Assert.StartsWith(
            "kmaplab: memory ran out before there was an answer",
            stderr.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_grow_while_two_threads_use_them_lose_no_state()
    {
        var options = new VerifierOptions { Symmetry = false, SpillDirectory = Folder };
        VerificationReport one = Verify(options);

        VerificationReport two = Verify(options with { Jobs = 2 });

        Assert.True(one.States > 100_000, "no table has grown often");
        Assert.Equal(one.Progress?.Starvation?.Stem, two.Progress?.Starvation?.Stem);
        Assert.Equal(one.Progress?.Starvation?.Loop, two.Progress?.Starvation?.Loop);
        Assert.Equal(
            one with
            {
                TableBytes = 0,
                GraphBytes = 0,
                Progress = null,
            },
            two with
            {
                TableBytes = 0,
                GraphBytes = 0,
                Progress = null,
            }
        );
    }

    [Fact]
    public void Where_the_graph_of_states_does_not_fit_progress_is_not_proved_and_the_verdict_says_so()
    {
        VerificationReport report = Verify(new VerifierOptions { MemoryMax = 3 << 19, SpillDirectory = Folder });

        Assert.Equal(Verdict.VerifiedSafety, report.Verdict);
        Assert.Equal("the graph of states does not fit into 1 MiB", report.Progress?.WhyNot);
    }

    [Fact]
    public void With_more_states_than_allowed_for_it_progress_is_not_proved_and_the_verdict_says_so()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean,
            "verify",
            "churn",
            "--tasks",
            "3",
            "--slots",
            "2",
            "--pages",
            "3",
            "--rounds",
            "forever",
            "--liveness-states",
            "100");

        Assert.Equal("verified-safety", report.GetProperty("verdict").GetString());
        Assert.False(report.GetProperty("liveness").GetProperty("checked").GetBoolean());
        Assert.Equal(
            "not proved: there are more than 100 states",
            report.GetProperty("liveness").GetProperty("summary").GetString());
    }

    private sealed class NoMemory : StringWriter
    {
        public override void WriteLine(string? value) => throw new InsufficientMemoryException();
    }

    private static VerificationReport Verify(VerifierOptions options)
    {
        var size = new SizeRequest { Tasks = 4, Slots = 2, Pages = 4, Rounds = 0 };
        Experiment churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve("churn", null, size);
        return new Verifier(churn.Boot(), options with { Fusion = true }).Run();
    }
}
