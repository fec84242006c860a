using System.CommandLine;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>The option that says where a campaign writes down what it has come to.</summary>
internal sealed class CampaignState
{
    private readonly Option<string?> _state = new("--state")
    {
        Description = "Where each finished piece is written down, to go on after a stop; in --out unless given",
        HelpName = "FILE",
    };

    internal void AddTo(Command command) => command.Options.Add(_state);

    /// <summary>The file; by itself one for each plan and build.</summary>
    internal string Place(Session session, ParseResult arguments, CampaignPlan plan) =>
        arguments.GetValue(_state) ?? Path.Combine(session.Out, $"campaign-{plan.Fingerprint[..8]}.state");
}
