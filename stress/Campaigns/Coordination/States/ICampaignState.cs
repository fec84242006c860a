using Kmaplab.Stress.Campaigns.Coordination.Pieces;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>What a campaign has come to so far, where it outlives the coordinator.</summary>
internal interface ICampaignState : IDisposable
{
    /// <summary>Fails as soon as it is known that nothing can be written any more; never done otherwise.</summary>
    Task Failure { get; }

    /// <summary>Adds what a piece came to; done when that cannot get lost any more.</summary>
    Task Add(int number, PieceState state, string text);

    /// <summary>Done when all that was added so far cannot get lost any more.</summary>
    Task Flushed();
}

/// <summary>Opens the state of a campaign, or begins one; what is in it comes back piece by piece.</summary>
/// <exception cref="Scheduler.Detection.UsageException">It is of something else, damaged, or cannot be used.
/// </exception>
internal delegate ICampaignState StateOpener(
    CampaignIdentity identity, IReadOnlyList<string> pieces, Action<int, PieceState, string> restore);
