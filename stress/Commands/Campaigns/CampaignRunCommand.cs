using System.CommandLine;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Coordination.States;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.Campaigns.Results;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Runs a plan in this process; or a part of it, for a job array.</summary>
internal sealed class CampaignRunCommand()
    : LabCommand("run", "Run a plan in this process, or part K of N of it for kmaplab campaign merge")
{
    private readonly Argument<string> _plan = new("PLAN.json")
    {
        Description = "The plan; kmaplab campaign plan writes some",
    };
    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Run only part K of N of the pieces, for kmaplab campaign merge, which puts the parts together",
        HelpName = "K/N",
    };
    private readonly Option<string?> _report = new("--report")
    {
        Description = "Where the reports of a part go",
        HelpName = "FILE",
    };
    private readonly Option<string?> _state = new("--state")
    {
        Description = "Where each finished piece is written down, so that the same call goes on after a stop",
        HelpName = CampaignState.Help,
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_plan);
        command.Options.Add(_shard);
        command.Options.Add(_report);
        command.Options.Add(_state);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string? report = arguments.GetValue(_report);
        ShardNumber? shard = arguments.GetValue(_shard) is { } text ? ShardNumber.Parse(text) : null;
        if (shard is null != report is null)
        {
            throw new UsageException(shard is null
                ? "--report is where the reports of a part go: give --shard K/N as well"
                : "--shard writes what its pieces show for kmaplab campaign merge: give --report FILE");
        }

        if (report is not null)
            ShardFile.RequirePlace(report);

        if (shard is not null && arguments.GetValue(_state) is not null)
            throw new UsageException("--state is for a whole campaign, and a part is small: leave one of them out");

        var plan = CampaignPlan.Load(arguments.GetValue(_plan)!, session.Catalogue, session.Strategies);
        return shard is null
            ? RunAll(session, plan, CampaignState.Opener(session, arguments.GetValue(_state)))
            : RunPart(session, plan, shard, report!);
    }

    private static int RunAll(Session session, CampaignPlan plan, StateOpener? state)
    {
        session.PrepareOut();
        using Coordinator coordinator = InThisProcess(plan, state);
        return new CampaignWork(session, plan).Run(coordinator, session.Jobs);
    }

    // Workers and coordinator live and die together, so no lease runs out.
    private static Coordinator InThisProcess(ICampaign campaign, StateOpener? state) =>
        new(campaign, CampaignSecurity.Build, state, Timeout.InfiniteTimeSpan, TimeProvider.System);

    private static int RunPart(Session session, CampaignPlan plan, ShardNumber shard, string path)
    {
        // Every Nth, as neighbours take as long as each other.
        string[] mine = [.. plan.Pieces.Where((_, i) => i % shard.Of == shard.Number - 1)];
        if (mine.Length == 0)
        {
            throw new UsageException(
                $"--shard {shard}: the plan has {Counted.Of(plan.Pieces.Count, "piece")}, so there are at most "
                + Counted.Of(plan.Pieces.Count, "part"));
        }

        // A part is short, and begins again when it is stopped: it has no state.
        var campaign = new CampaignPart(plan, mine);
        using Coordinator coordinator = InThisProcess(campaign, state: null);
        PieceOutcome[] outcomes = [.. new CampaignWork(session, plan).Perform(coordinator, campaign, session.Jobs)];
        session.Cancellation.ThrowIfCancellationRequested(); // Half a part is none.
        var part = PartFile.Of(plan, outcomes);
        part.Save(path);
        var results = new CampaignResults(plan);
        part.AddTo(results, plan.Pieces, path);
        int failed = outcomes.Count(outcome => outcome.Error is not null);
        session.Text.WriteLine(
            $"{plan.Name}: part {shard}: {Counted.Of(outcomes.Length - failed, "piece")} done, {failed} set aside; "
            + $"kmaplab campaign merge makes one report of all {shard.Of}");
        session.WriteJson(part, PartJson.Default.PartFile);
        bool?[] asExpected =
        [
            .. results.Pieces.Zip(results.Reports)
                .Where(each => each.Second is not null)
                .Select(each => each.Second!.IsAsExpected(each.First)),
        ];
        return asExpected.Contains(false) ? ExitCode.Failure
            : failed > 0 || asExpected.Contains(null) ? ExitCode.NoAnswer
            : ExitCode.Clean;
    }
}
