using System.Text.Json.Nodes;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>What must not become a part of a campaign's report does not.</summary>
public sealed class MergeRefusalTests : CampaignTest
{
    [Fact]
    public void A_campaign_that_lacks_pieces_is_not_complete_and_names_them()
    {
        string plan = Plan();
        string[] parts = RunParts(plan, 4);

        Run(["campaign", "merge", plan, .. parts[1..]]);
        JsonNode report = JsonIn(Folder);

        Assert.False((bool)report["complete"]!);
        Assert.Equal((int)report["pieces"]! - (int)report["done"]!, report["missing"]!.AsArray().Count);
        Assert.Equal([1, 5, 9, 13], report["missing"]!.AsArray().Select(piece => (int)piece!["number"]!));
        Assert.Contains("  missing: 4 pieces", Out, StringComparison.Ordinal);
        Assert.Contains("churn --tasks 2 --slots 1 --pages 4 --rounds 3, random, seed 1, shard 1/3", Out, StringComparison.Ordinal);
        Assert.Null(report["targets"]![0]!["estimate"]);
        Assert.Null(report["targets"]![0]!["classes"]);
    }

    [Fact]
    public void Without_failures_a_campaign_that_lacks_pieces_has_no_answer()
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "two", "explore": [ { "targets": ["churn"],
              "strategies": ["random"], "seeds": [1, 2], "executions": 100 } ] }
            """);
        string[] parts = RunParts(plan, 2);

        Assert.Equal(ExitCode.NoAnswer, Run("campaign", "merge", plan, parts[0]));
        Assert.Equal(ExitCode.NoAnswer, Run("campaign", "merge", plan, parts[1], parts[1]));
        Assert.Equal(ExitCode.Clean, Run("campaign", "merge", plan, parts[1], parts[0]));
    }

    [Fact]
    public void A_piece_that_was_set_aside_is_told_with_its_error_and_there_is_no_answer()
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "one", "verify": [ { "targets": ["churn"],
              "parameters": { "tasks": 2, "slots": 1 } } ] }
            """);
        string part = RunPart(plan, "1/1");
        string whole = Path.Combine(Folder, "whole.part");
        File.Copy(part, whole);
        Change(part, file =>
        {
            file["outcomes"]![0]!["report"] = null;
            file["outcomes"]![0]!["error"] = "IOException: the disk is full";
        });

        Assert.Equal(ExitCode.NoAnswer, Run("campaign", "merge", plan, part));
        Assert.Contains("set aside: 1 piece", Out, StringComparison.Ordinal);
        Assert.Contains("IOException: the disk is full", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("campaign", "merge", plan, part, whole));
        Assert.Equal(ExitCode.Clean, Run("campaign", "merge", plan, whole, part));
    }

    [Fact]
    public void A_search_without_an_answer_is_none_of_the_campaign_either()
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "one", "verify": [ { "targets": ["churn"], "states": 100 } ] }
            """);

        Assert.Equal(ExitCode.NoAnswer, Run("campaign", "run", plan));
        Assert.Contains("no answer, more than 100 states", Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verified", ExitCode.Clean)]
    [InlineData("deadlock", ExitCode.Failure)]
    public void A_proof_where_a_failure_is_expected_is_not_as_expected(string expect, int code)
    {
        string plan = Plan($$"""
            { "format": "kmaplab plan 1", "name": "one", "verify": [ { "targets": ["nested"],
              "parameters": { "tasks": 2, "slots": 2, "depth": 1 }, "expect": "{{expect}}" } ] }
            """);

        Assert.Equal(code, Run("campaign", "run", plan));
    }

    [Fact]
    public void A_part_of_another_plan_is_refused()
    {
        string plan = Plan();
        string other = Plan(Small.Replace("2600", "2700", StringComparison.Ordinal), "other");
        string part = RunPart(other, "1/4");

        AssertRefused($"{part} is of another plan: its pieces are 13 (", plan, part);
    }

    [Fact]
    public void A_part_of_another_build_is_refused()
    {
        string plan = Plan();
        string part = RunPart(plan, "1/4");
        Change(part, file => file["program"] = "0123456789abcdef");

        AssertRefused($"{part} is of another build of kmaplab (0123456789abcdef, this is ", plan, part);
    }

    [Fact]
    public void A_report_of_another_piece_is_refused_in_its_place()
    {
        string plan = Plan();
        string part = RunPart(plan, "1/4");
        Change(part, file =>
        {
            JsonArray outcomes = file["outcomes"]!.AsArray();
            (JsonNode first, JsonNode second) = (outcomes[0]!["number"]!.DeepClone(), outcomes[1]!["number"]!.DeepClone());
            outcomes[0]!["number"] = second;
            outcomes[1]!["number"] = first;
        });

        AssertRefused($"{part}, piece 5 (", plan, part);
        Assert.Contains("it is of another piece, or of another plan", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_reports_that_contradict_each_other_are_refused()
    {
        string plan = Plan();
        string part = RunPart(plan, "1/4");
        string changed = Path.Combine(Folder, "changed.part");
        File.Copy(part, changed);
        ChangeReport(changed, "explored", report => report["explored"]!["steps"] = 1);

        Assert.Equal(ExitCode.Usage, Run("campaign", "merge", plan, part, changed));
        Assert.Contains("say different things of piece 1 (", Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("executions", 5)]
    [InlineData("failures", 1)]
    [InlineData("cutOff", 100_000)]
    [InlineData("compared", 3)]
    [InlineData("distinct", 1)]
    [InlineData("shard", 2)]
    public void Counts_that_no_such_piece_can_have_are_refused(string name, int value)
    {
        string plan = Plan();
        string part = RunPart(plan, "1/4");
        ChangeReport(part, "explored", report => report["explored"]![name] = value);

        AssertRefused($"{part}, piece 1 (", plan, part);
    }

    [Theory]
    [InlineData("verdict", "verified")]
    [InlineData("answer", "verified")]
    [InlineData("answer", null)]
    public void A_verdict_that_does_not_fit_its_failure_is_refused(string name, string? value)
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "one", "verify": [ { "targets": ["nested"],
              "parameters": { "tasks": 2, "slots": 2, "depth": 2 } } ] }
            """);
        string part = RunPart(plan, "1/1");
        ChangeReport(part, "searched", report => report["searched"]![name] = value);

        AssertRefused($"{part}, piece 1 (", plan, part);
    }

    [Fact]
    public void A_failure_that_does_not_show_when_it_is_run_again_is_not_told()
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "one", "find": [ { "races": ["no-wakeup"], "strategies": ["pos"],
              "seeds": 1, "executions": 500 } ] }
            """);
        string part = RunPart(plan, "1/1");
        ChangeReport(part, "found", report =>
        {
            Schedule schedule = Product.Texts.Parse((string)report["failure"]!["schedule"]!, "it");
            report["failure"]!["schedule"] = Product.Texts.Format(
                schedule with { Transitions = schedule.Transitions[..^1] });
            report["failure"]!["steps"] = schedule.Transitions.Length - 1;
        });

        Assert.Equal(ExitCode.Usage, Run("campaign", "merge", plan, part));
        Assert.Contains(": run again, its schedule does not show lost-wakeup", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fingerprint_is_no_way_out_of_the_folder()
    {
        string plan = Plan("""
            { "format": "kmaplab plan 1", "name": "one", "find": [ { "races": ["no-wakeup"], "strategies": ["pos"],
              "seeds": 1, "executions": 500 } ] }
            """);
        string part = RunPart(plan, "1/1");
        ChangeReport(part, "found", report => report["failure"]!["fingerprint"] = "lost-wakeup-../../../../evil00");

        AssertRefused($"{part}, piece 1 (no-wakeup, pos, 1 seed from 1): its fingerprint is none", plan, part);
    }

    [Fact]
    public void A_part_that_is_cut_anywhere_is_refused_in_one_line()
    {
        string plan = Plan();
        string text = File.ReadAllText(RunPart(plan, "4/8")).TrimEnd();
        string cut = Path.Combine(Folder, "cut.part");
        for (int length = 0; length < text.Length; length += text.Length / 9)
        {
            File.WriteAllText(cut, text[..length]);
            AssertRefused($"{cut} is no part of a campaign: ", plan, cut);
        }
    }

    private void AssertRefused(string beginning, string plan, string part)
    {
        Assert.Equal(ExitCode.Usage, Run("campaign", "merge", plan, part));
        Assert.StartsWith($"kmaplab: {beginning}", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(Path.Combine(Folder, "report.json")));
    }
}
