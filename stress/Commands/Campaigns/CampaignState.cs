using System.CommandLine;
using Kmaplab.Stress.Campaigns.Coordination.States;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>The option that says where a campaign writes down what it has come to.</summary>
internal sealed class CampaignState
{
    internal const string Help = "FILE|redis[s]://HOST:PORT";

    private readonly Option<string?> _state = new("--state")
    {
        Description = "Where each finished piece is written down, to go on after a stop; in --out unless given",
        HelpName = Help,
    };

    internal void AddTo(Command command) => command.Options.Add(_state);

    /// <summary>To open what is at such a place; null for none.</summary>
    internal static StateOpener? Opener(Session session, string? place) => place switch
    {
        null => null,
        _ when RedisAddress.IsMeant(place) => InRedis(session, place),
        _ => StateFile.At(place),
    };

    /// <summary>The file or server; by itself one for each plan and build.</summary>
    internal string Place(Session session, ParseResult arguments, CampaignPlan plan) =>
        arguments.GetValue(_state) ?? Path.Combine(session.Out, $"campaign-{plan.Fingerprint[..8]}.state");

    // By itself, so that nothing of Redis is loaded for a file.
    private static StateOpener InRedis(Session session, string place) => RedisState.At(
        RedisAddress.Parse(place),
        $"{Environment.MachineName}:{Environment.ProcessId}",
        RedisTimes.Usual,
        session.Terminal.Error.WriteLine,
        session.Cancellation);
}
