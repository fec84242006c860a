using System.Threading;

namespace Kmaplab.Stress.Campaigns;

/// <summary>
/// What a coordinator needs to know of a campaign: how many pieces it has, what each is in words that can be sent,
/// and how one is performed. Who hands pieces out knows nothing of targets and strategies, and who performs them
/// nothing of leases.
/// </summary>
internal interface ICampaign
{
    /// <summary>Identifies the plan: the same for the same pieces in the same order, whoever expanded it.</summary>
    string Fingerprint { get; }

    /// <summary>The pieces in their order; each one line of JSON that names all that its result depends on.</summary>
    IReadOnlyList<string> Pieces { get; }

    /// <summary>
    /// Performs a piece and yields its report, one line of JSON, the same bytes wherever it runs (except times).
    /// A pure function of the text and the build; an exception means that the piece failed, not what it examined.
    /// </summary>
    string Perform(string piece, CancellationToken cancellation);

    /// <summary>Reads the report of a piece, for those who watch.</summary>
    /// <exception cref="Scheduler.Detection.UsageException">It cannot be one.</exception>
    PieceFacts Read(string piece, string report);

    /// <summary>
    /// Whether two reports of one piece can both be true, however long either took: they say the same, or each says how
    /// far it came in the seconds that it had.
    /// </summary>
    bool Agree(string piece, string first, string second);
}
