using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>What a plan means, and what makes no sense.</summary>
public sealed class PlanTests : CampaignTest
{
    private const string Sampled =
        "\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":1000";

    [Theory]
    [InlineData("", "it has no explore, verify, prove or find, so nothing would be run")]
    [InlineData("\"explore\":[null]", "explore[0] is null")]
    [InlineData("\"explore\":[{\"targets\":[\"chrn\"],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":1}]", "explore[0]: there is no scenario or race 'chrn', did you mean 'churn'?")]
    [InlineData("\"explore\":[{\"targets\":[],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":1}]", "explore[0].targets has no values, so nothing would be run")]
    [InlineData("\"explore\":[{\"targets\":[null],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":1}]", "explore[0].targets has a name that is empty")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\",\"churn\"],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":1}]", "explore[0].targets has 'churn' twice")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"randm\"],\"seeds\":1,\"executions\":1}]", "explore[0]: there is no strategy 'randm', did you mean 'random'?")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"pct:0\"],\"seeds\":1,\"executions\":1}]", "explore[0]: the ")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":-1,\"executions\":1}]", "explore[0].seeds: '-1' is no seed")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":[1,1],\"executions\":1}]", "explore[0].seeds has '1' twice")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":{\"from\":1,\"to\":5,\"step\":2},\"executions\":1}]", "explore[0].seeds: a range has from, to and perhaps by or times, not 'step'")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":{\"from\":5,\"to\":1},\"executions\":1}]", "explore[0].seeds: a range goes from a number to one that is not smaller")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":1,\"executions\":0}]", "explore[0].executions is a number from 1, not 0")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":1}]", "explore[0] has neither executions nor seconds: give one of them")]
    [InlineData("\"explore\":[{" + Sampled + ",\"seconds\":1}]", "explore[0] has executions and seconds: give one of them")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":1,\"seconds\":0}]", "explore[0].seconds is a number from 0.1 to 86400, not 0")]
    [InlineData("\"explore\":[{\"targets\":[\"churn\"],\"strategies\":[\"random\"],\"seeds\":1,\"seconds\":9,\"shards\":3}]", "explore[0].shards: where seconds end is not known before, so they are not cut: give several seeds")]
    [InlineData("\"explore\":[{" + Sampled + ",\"shards\":3}]", "explore[0].shards is a number from 1 to 2 for 1000 executions, not 3")]
    [InlineData("\"explore\":[{" + Sampled + ",\"variants\":[\"no-wakup\"]}]", "explore[0]: there is no variant 'no-wakup', did you mean 'no-wakeup'?")]
    [InlineData("\"explore\":[{" + Sampled + ",\"parameters\":{\"tasks\":[]}}]", "explore[0].parameters.tasks has no values, so nothing would be run")]
    [InlineData("\"explore\":[{" + Sampled + ",\"parameters\":{\"tasks\":0}}]", "explore[0]: tasks=0 is impossible: churn takes 1 to 65536")]
    [InlineData("\"explore\":[{" + Sampled + ",\"parameters\":{\"task\":2}}]", "explore[0]: task=2: churn has no parameter 'task', did you mean 'tasks'?")]
    [InlineData("\"explore\":[{" + Sampled + ",\"parameters\":{\"tasks\":{\"from\":1,\"to\":60000},\"pages\":{\"from\":1,\"to\":60000}}}]", "explore[0] makes a plan of more than 1000000 pieces: cut it into several")]
    [InlineData("\"explore\":[{" + Sampled + "},{" + Sampled + "}]", "explore[1] has 'churn --tasks 4 ")]
    [InlineData("\"verify\":[{\"targets\":[\"churn\"],\"expect\":\"verfied\"}]", "verify[0].expect is 'verified' or a class of failure, not 'verfied', did you mean 'verified'?")]
    [InlineData("\"verify\":[{\"targets\":[\"churn\"],\"states\":0}]", "verify[0].states is a number from 1 to 2000000000, not 0")]
    [InlineData("\"verify\":[{\"targets\":[\"churn\"],\"parameters\":{\"tasks\":65}}]", "verify[0]: 65 tasks and interrupt handlers: exhaustive search takes up to 64")]
    [InlineData("\"prove\":[{\"targets\":[\"churn\"]}]", "prove[0].variants has no values, so nothing would be run")]
    [InlineData("\"prove\":[{\"targets\":[\"churn\"],\"variants\":[\"no-wakeup\"]}]", "prove[0].variants: 'no-wakeup' is not said to do no harm")]
    [InlineData("\"find\":[{\"races\":[\"no-wakup\"],\"seeds\":1,\"executions\":1}]", "find[0]: there is no race 'no-wakup', did you mean 'no-wakeup'?")]
    [InlineData("\"find\":[{\"seeds\":0,\"executions\":1}]", "find[0].seeds is how many, from 1 to 1000, not 0")]
    public void A_plan_that_makes_no_sense_is_refused_before_anything_runs(string parts, string reason)
    {
        string plan = Plan($"{{\"format\":\"kmaplab plan 1\",\"name\":\"a\"{(parts.Length > 0 ? "," : "")}{parts}}}");

        AssertRefusedPlan(plan, $"{plan} makes no sense: {reason}");
    }

    [Theory]
    [InlineData("", "not JSON at byte 1")]
    [InlineData("null", "it is null")]
    [InlineData("[]", "expected an object")]
    [InlineData("{\"format\":\"kmaplab plan 2\",\"name\":\"a\"}", "its format is 'kmaplab plan 2', and this program reads 'kmaplab plan 1'")]
    [InlineData("{\"format\":\"kmaplab plan 1\"}", "field 'name' is missing")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"explor\":[]}", "unknown field 'explor'")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"name\":\"b\"}", "field 'name' appears twice")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"find\":[{\"seeds\":1,\"executions\":1},{\"seed\":1}]}", "find[1]: unknown field 'seed'")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"find\":[{\"seeds\":1}]}", "find[0]: field 'executions' is missing")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"explore\":[{\"seconds\":\"long\"}]}", "explore[0]: 'seconds': expected a number")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"find\":[{\"seeds\":\"many\",\"executions\":1}]}", "find[0]: 'seeds': expected a whole number of 32 bits")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"find\":[{\"seeds\":1,\"executions\":1,\"firstSeed\":-1}]}", "find[0]: 'firstSeed': expected a whole number from 0")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"verify\":[{\"targets\":[\"churn\"],\"states\":\"many\"}]}", "verify[0]: 'states': expected a whole number")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"verify\":[{\"targets\":[\"churn\"],\"preempt\":[1]}]}", "verify[0].preempt[0]: 'preempt': expected true or false")]
    [InlineData("{\"format\":\"kmaplab plan 1\",\"name\":\"a\",\"verify\":[{\"targets\":\"churn\"}]}", "verify[0]: 'targets': expected an array")]
    public void A_file_that_is_no_plan_is_refused_with_the_place(string text, string reason)
    {
        string plan = Plan(text);

        AssertRefusedPlan(plan, $"{plan} is no plan: {reason}");
    }

    [Fact]
    public void The_same_plan_has_the_same_pieces_each_once()
    {
        CampaignPlan first = Load(Plan());
        CampaignPlan second = Load(Plan());

        Assert.Equal(first.Pieces, second.Pieces);
        Assert.Equal(first.Fingerprint, second.Fingerprint);
        Assert.Equal(13, first.Pieces.Distinct().Count());
        Assert.All(first.Pieces, piece => Assert.DoesNotContain('\n', piece));
    }

    [Theory]
    [InlineData("\"tasks\": 2", "\"tasks\": 3")]
    [InlineData("\"seeds\": 7", "\"seeds\": 8")]
    [InlineData("2600", "2601")]
    [InlineData("\"executions\": 500", "\"executions\": 501")]
    [InlineData("entry-kept", "wake-always")]
    [InlineData("\"pos\"", "\"pct\"")]
    public void Another_plan_has_another_fingerprint(string old, string changed) => Assert.NotEqual(
        Load(Plan()).Fingerprint,
        Load(Plan(Small.Replace(old, changed, StringComparison.Ordinal), "other")).Fingerprint);

    [Theory]
    [InlineData("catalogue", 300)]
    [InlineData("frontier", 85)]
    [InlineData("nightly", 1000)]
    public void The_plans_to_begin_with_make_sense_and_have_many_pieces(string name, int least)
    {
        JsonNode report = JsonNode.Parse(RunForJson(ExitCode.Clean, "campaign", "plan", name).GetRawText())!;

        Assert.True((int)report["pieces"]! >= least);
        Assert.Equal(name, PlanFile.Load((string)report["file"]!).Name);
    }

    [Fact]
    public void A_piece_that_is_none_or_of_another_build_is_refused()
    {
        CampaignPlan plan = Load(Plan());

        AssertRefusedPiece(plan, "{}", "this is no piece of a campaign: field ");
        AssertRefusedPiece(plan, plan.Pieces[0].Replace("\"kind\":\"explore\"", "\"kind\":\"exploit\"", StringComparison.Ordinal), "the piece 'churn ");
        JsonNode other = JsonNode.Parse(plan.Pieces[0])!;
        other["program"] = "0123456789abcdef";
        AssertRefusedPiece(plan, other.ToJsonString(), "the piece 'churn ");
    }

    [Fact]
    public void Unknown_plans_are_refused() => AssertRefused(
        "there is no plan 'nightley', did you mean 'nightly'? (there is catalogue, frontier, nightly)",
        "campaign", "plan", "nightley");

    [Fact]
    public void A_part_needs_a_place_for_its_reports()
    {
        string plan = Plan();
        AssertRefused(
            "--shard writes what its pieces show for kmaplab campaign merge: give --report FILE",
            "campaign", "run", plan, "--shard", "1/2");
        AssertRefused(
            "--report is where the reports of a part go: give --shard K/N as well",
            "campaign", "run", plan, "--report", "a.part");
    }

    [Fact]
    public void The_schema_has_just_the_fields_that_are_read()
    {
        string path = Path.Combine(Checkout.RootOrSkip(), "docs", "campaign-plan.schema.json");
        JsonNode schema = JsonNode.Parse(File.ReadAllText(path))!;

        AssertSame(schema, PlanJson.Default.PlanFile);
        AssertSame(schema["$defs"]!["explore"]!, PlanJson.Default.SampledPart);
        AssertSame(schema["$defs"]!["verify"]!, PlanJson.Default.SearchedPart);
        AssertSame(schema["$defs"]!["find"]!, PlanJson.Default.FoundPart);

        static void AssertSame(JsonNode schema, JsonTypeInfo read)
        {
            Assert.Equal(
                read.Properties.Select(property => property.Name),
                schema["properties"]!.AsObject().Select(property => property.Key));
            Assert.Equal(
                read.Properties.Where(property => property.IsRequired).Select(property => property.Name),
                schema["required"]!.AsArray().Select(name => (string)name!));
        }
    }

    private static CampaignPlan Load(string path) => CampaignPlan.Load(
        path,
        new ScenarioCatalogue("kmaplab", [typeof(LabProgram).Assembly]),
        new StrategyCatalogue(typeof(LabProgram).Assembly));

    private static void AssertRefusedPiece(CampaignPlan plan, string piece, string reason) => Assert.StartsWith(
        reason,
        Assert.Throws<Scheduler.Detection.UsageException>(
            () => plan.Perform(piece, TestContext.Current.CancellationToken)).Message,
        StringComparison.Ordinal);

    private void AssertRefusedPlan(string plan, string message)
    {
        Assert.Equal(ExitCode.Usage, Run("campaign", "run", plan));
        Assert.StartsWith($"kmaplab: {message}", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.Empty(Out);
        Assert.False(Directory.Exists(Path.Combine(Folder, "corpus")));
    }
}
