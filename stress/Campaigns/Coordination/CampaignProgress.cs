namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>How far a campaign is, at one moment.</summary>
internal sealed record CampaignProgress
{
    public required double Seconds { get; init; }

    public required int Pieces { get; init; }

    public required int Finished { get; init; }

    public required int SetAside { get; init; }

    public required int Leased { get; init; }

    public required int Failures { get; init; }

    public required int Expired { get; init; }

    /// <summary>Executions that were sampled, and states that were searched.</summary>
    public required long Executions { get; init; }
    public required long States { get; init; }

    /// <summary>How many kinds of failure were found, expected ones as well.</summary>
    public required int Fingerprints { get; init; }

    /// <summary>What is known of failures where none was found; null where that says nothing.</summary>
    public required RiskBound? Risk { get; init; }

    public required IReadOnlyList<WorkerProgress> Workers { get; init; }

    /// <summary>Finished by this coordinator, so without what it has read from a state.</summary>
    public required int Here { get; init; }

    public int Left => Pieces - Finished - SetAside;

    /// <summary>Until all is done, at the pace so far; null if there is none yet.</summary>
    public double? SecondsLeft => Here == 0 ? null : Left * Seconds / Here;
}

/// <summary>What one worker has done.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Finished">Pieces whose report was accepted.</param>
/// <param name="Leased">Pieces that it has just now.</param>
/// <param name="PerSecond">Pieces finished a second, since it came.</param>
/// <param name="ExecutionsPerSecond">Executions sampled a second, those of finished pieces, since it came.</param>
/// <param name="StatesPerSecond">States searched, likewise.</param>
/// <param name="SilentSeconds">Since it was heard of.</param>
internal sealed record WorkerProgress(
    string Name,
    int Finished,
    int Leased,
    double PerSecond,
    double ExecutionsPerSecond,
    double StatesPerSecond,
    double SilentSeconds);
