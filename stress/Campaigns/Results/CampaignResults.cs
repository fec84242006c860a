using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Pieces;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>What the pieces of a campaign have shown, as far as they are there.</summary>
/// <remarks>
/// Reports are kept by piece, and totals are computed from them. So it does not matter in which order they come, and a
/// repeated one changes nothing. It could lie by taking a report for that of another piece, plan or build, by counting
/// one twice, or by not missing one: so each says of which piece it is, two of one piece must say the same, and who
/// wants to know what is missing is told by the plan and not by the reports.
/// </remarks>
internal sealed class CampaignResults
{
    private readonly Piece[] _pieces;
    private readonly PieceReport?[] _reports;
    private readonly string?[] _sources;
    private readonly string?[] _errors;
    private readonly Dictionary<string, int> _numbers = []; // Of pieces, by their text.

    /// <summary>None yet, of these pieces.</summary>
    internal CampaignResults(ICampaign campaign)
    {
        Fingerprint = campaign.Fingerprint;
        _pieces = [.. campaign.Pieces.Select(Piece.Parse)];
        _reports = new PieceReport?[_pieces.Length];
        _sources = new string?[_pieces.Length];
        _errors = new string?[_pieces.Length];
        for (int i = 0; i < _pieces.Length; i++)
            _numbers.Add(campaign.Pieces[i], i);
    }

    /// <summary>The plan's.</summary>
    internal string Fingerprint { get; }

    /// <summary>The pieces, in their order.</summary>
    internal IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>The report of each, in their order; null where there is none.</summary>
    internal IReadOnlyList<PieceReport?> Reports => _reports;

    /// <summary>How many have one.</summary>
    internal int Done => _reports.Count(report => report is not null);

    /// <summary>Why those have none that were tried in vain, in their order; null for all others.</summary>
    internal IEnumerable<string?> Errors => _errors.Select((error, i) => _reports[i] is null ? error : null);

    /// <summary>Adds whatever came of a piece.</summary>
    /// <exception cref="UsageException">It cannot be of this plan, or contradicts what is there.</exception>
    internal void Take(PieceOutcome outcome, string source)
    {
        if (outcome.Report is { } report)
            Add(outcome.Piece, report, source);
        else
            SetAside(outcome.Piece, outcome.Error ?? "", source);
    }

    /// <summary>Adds the report of a piece.</summary>
    /// <param name="piece">The piece's text.</param>
    /// <param name="report">The report.</param>
    /// <param name="source">Where it comes from.</param>
    /// <exception cref="UsageException">It is not of this plan, or of another piece, or says something else than one
    /// that is there.</exception>
    internal void Add(string piece, string report, string source)
    {
        int number = NumberOf(piece, source);
        PieceReport read;
        try
        {
            read = PieceReport.Parse(report, _pieces[number]);
        }
        catch (UsageException exception)
        {
            throw new UsageException($"{source}, piece {number + 1} ({_pieces[number].Name}): {exception.Message}");
        }

        if (_reports[number] is not { } there)
            (_reports[number], _sources[number]) = (read, source);
        else if (there.ComesElsewhere(read, _pieces[number]))
            throw new UsageException(
                $"{source} and {_sources[number]} both have piece {number + 1} ({_pieces[number].Name}), with "
                + $"{read.Explored!.Executions} and {there.Explored!.Executions} executions: what is run for seconds "
                + "cannot be repeated, so merge only one of them");
        else if (!there.Says(read))
            throw new UsageException(
                $"{source} and {_sources[number]} say different things of piece {number + 1} ({_pieces[number].Name}): "
                + "one of them was changed, or something outside the machine has changed what happens");
    }

    /// <summary>Notes that a piece was tried and failed; a report of it counts more.</summary>
    /// <exception cref="UsageException">It is not of this plan.</exception>
    internal void SetAside(string piece, string error, string source)
    {
        int number = NumberOf(piece, source);
        error = Finding.FirstLineOf(error);
        if (_errors[number] is null || string.CompareOrdinal(error, _errors[number]) < 0)
            _errors[number] = error; // Whoever comes first, the same one is told.
    }

    private int NumberOf(string piece, string source) => _numbers.TryGetValue(piece, out int number)
        ? number
        : throw new UsageException($"{source} has a piece that is not of this plan");
}
