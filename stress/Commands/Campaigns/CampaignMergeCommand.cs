using System.CommandLine;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.Campaigns.Results;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Puts the parts of a campaign together, and tells what one run of all would have told.</summary>
internal sealed class CampaignMergeCommand()
    : LabCommand("merge", "Put the reports of parts together (campaign run PLAN.json --shard K/N --report FILE)")
{
    private readonly Argument<string> _plan = new("PLAN.json") { Description = "The plan that they are parts of" };
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Reports of parts",
        Arity = ArgumentArity.OneOrMore,
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_plan);
        command.Arguments.Add(_files);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        session.PrepareOut();
        var plan = CampaignPlan.Load(arguments.GetValue(_plan)!, session.Catalogue, session.Strategies);
        var results = new CampaignResults(plan);
        foreach (string file in arguments.GetValue(_files)!)
            PartFile.Load(file).AddTo(results, plan.Pieces, file);

        return new CampaignEnding(session, plan.Name).Tell(results);
    }
}
