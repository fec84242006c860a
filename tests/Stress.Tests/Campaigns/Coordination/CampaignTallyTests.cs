using System.Text.Json.Nodes;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.Campaigns.Coordination;
using Spectre.Console;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>What those see who watch a campaign, and what they are not told.</summary>
public sealed class CampaignTallyTests
{
    private readonly CampaignTally _tally = new();

    [Fact]
    public void A_kind_of_failure_that_is_found_twice_is_one()
    {
        _tally.Add(new PieceFacts { Executions = 7, Fingerprint = "deadlock-1" });
        _tally.Add(new PieceFacts { States = 5, Fingerprint = "deadlock-1" });
        _tally.Add(new PieceFacts { Executions = 1, Fingerprint = "deadlock-2" });

        Assert.Equal((8, 5, 2), (_tally.Executions, _tally.States, _tally.Fingerprints));
        Assert.Null(_tally.Risk());
    }

    [Fact]
    public void A_bound_counts_no_shard_behind_one_that_is_missing()
    {
        AddShard("a", 2, 4, 100);
        AddShard("a", 4, 4, 100);
        Assert.Null(_tally.Risk());

        AddShard("a", 1, 4, 100);
        Assert.Equal(new RiskBound(3.0 / 200, 1), _tally.Risk());

        AddShard("a", 3, 4, 100);
        Assert.Equal(new RiskBound(3.0 / 400, 1), _tally.Risk());
    }

    [Fact]
    public void A_bound_is_that_of_the_target_of_which_the_least_is_known()
    {
        AddShard("a", 1, 1, 1000);
        AddShard("b", 1, 1, 300);
        AddShard("c", 1, 2, 2);

        Assert.Equal(new RiskBound(1, 3), _tally.Risk());
    }

    [Fact]
    public void Where_a_failure_was_found_or_all_were_cut_off_there_is_no_bound()
    {
        AddShard("a", 1, 2, 1000);
        AddShard("b", 1, 1, 0);
        AddShard("a", 2, 2, 1000, failures: 1);
        Assert.Null(_tally.Risk());

        AddShard("c", 1, 1, 600);
        Assert.Equal(new RiskBound(0.005, 1), _tally.Risk());
    }

    [Fact]
    public void The_table_and_the_lines_say_how_far_it_is_and_what_was_found()
    {
        var progress = new CampaignProgress
        {
            Seconds = 10,
            Pieces = 20,
            Finished = 4,
            SetAside = 1,
            Leased = 2,
            Failures = 3,
            Expired = 1,
            Here = 5,
            Executions = 4000,
            States = 900,
            Fingerprints = 2,
            Risk = new RiskBound(0.001, 3),
            Workers = [new WorkerProgress("one:1", 4, 2, 0.4, 400, 90, 1)],
        };
        using var shown = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(shown),
            Ansi = AnsiSupport.No,
        });
        console.Profile.Width = 100;
        console.Write(CampaignWatch.TableOf(progress));

        Assert.All(
            [
                "4 of 20 pieces after 10 s, about 30 s left", "15 pieces left, 2 in work, 1 set aside; 3 errors",
                "4000 executions, 900 states, 2 kinds of failure", "at most 1 in 1000 executions", "executions/s", " 400 ",
            ],
            words => Assert.Contains(words, shown.ToString(), StringComparison.Ordinal));

        JsonNode line = JsonNode.Parse(CampaignWatch.LineOf(progress))!;
        Assert.Equal(400, (double)line["workers"]![0]!["executionsPerSecond"]!);
        Assert.Equal((15, 30, 2), ((int)line["left"]!, (int)line["secondsLeft"]!, (int)line["fingerprints"]!));
        Assert.Equal((0.001, 3), ((double)line["risk"]!["atMost"]!, (int)line["risk"]!["targets"]!));
    }

    private void AddShard(string target, int number, int of, long ended, long failures = 0) => _tally.Add(
        new PieceFacts { Shard = new ShardFacts(target, number, of, ended, failures) });
}
