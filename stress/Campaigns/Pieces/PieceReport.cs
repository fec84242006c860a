using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Stress.Json;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>What a piece has shown, as one line of JSON; the same wherever it was run, except the time.</summary>
internal sealed record PieceReport
{
    /// <summary>The fingerprint of the piece's text: a report cannot be taken for that of another piece.</summary>
    [JsonRequired] public string Piece { get; set; } = "";

    /// <summary>How long it took, on whatever machine.</summary>
    [JsonRequired] public double Seconds { get; set; }

    /// <summary>Of an exploration.</summary>
    public ShardResult? Explored { get; set; }

    /// <summary>How many of the executions that it has compared are of each class.</summary>
    public string? ClassCounts { get; set; }

    /// <summary>Of a search of every state.</summary>
    public SearchedCell? Searched { get; set; }

    /// <summary>Of a race that was to be found.</summary>
    public KillCell? Found { get; set; }

    /// <summary>The first failure, in its smallest form; null if there is none.</summary>
    public PieceFailure? Failure { get; set; }

    /// <summary>The report as it is sent: one line.</summary>
    internal string Text => JsonSerializer.Serialize(this, PieceJson.Default.PieceReport);

    /// <summary>Reads the report of a piece.</summary>
    /// <exception cref="UsageException">It is none, or not of this piece.</exception>
    internal static PieceReport Parse(string text, Piece piece)
    {
        try
        {
            PieceReport report = JsonSerializer.Deserialize(text, PieceJson.Default.PieceReport)
                ?? throw new UsageException("it is no report: it is null");
            return report.WhyNot(piece) is { } reason ? throw new UsageException(reason) : report;
        }
        catch (JsonException exception)
        {
            throw new UsageException($"it is no report: {JsonProblem.Of(exception)}");
        }
    }

    /// <summary>Whether it shows what was expected of the piece; null if there is no answer.</summary>
    internal bool? IsAsExpected(Piece piece) => piece.Kind switch
    {
        Pieces.Piece.Find => true, // Whether it was found is what was asked.
        Pieces.Piece.Explore => Failure is null,
        _ => Searched!.Answer is { } answer ? answer == piece.Expect : null,
    };

    /// <summary>The same to count with; only of an exploration.</summary>
    internal Dictionary<ulong, long> CountsByClass() => Pieces.ClassCounts.TryRead(ClassCounts!)
        ?? throw new InvalidOperationException("this was read before");

    /// <summary>Whether it shows the same as another one, however long that took.</summary>
    internal bool Says(PieceReport other) => WithoutTimes().Text == other.WithoutTimes().Text;

    /// <summary>
    /// Whether both can be true of a piece. One of seconds comes as far as it comes; only two that came equally far
    /// must show the same.
    /// </summary>
    internal bool AgreesWith(PieceReport other, Piece piece) => ComesElsewhere(other, piece) || Says(other);

    /// <summary>Whether another report of a piece of seconds is of more or fewer executions.</summary>
    internal bool ComesElsewhere(PieceReport other, Piece piece) =>
        piece.Seconds is not null && Explored?.Executions != other.Explored?.Executions;

    private PieceReport WithoutTimes() =>
        this with { Seconds = 0, Explored = Explored is null ? null : Explored with { Seconds = 0 } };

    // A report that was cut or edited must not add up to something that nobody has seen.
    private string? WhyNot(Piece piece)
    {
        if (Piece != Pieces.Piece.FingerprintOf(piece.Text))
            return "it is of another piece, or of another plan";

        if (Seconds < 0)
            return "its time is negative";

        bool isRight = piece.Kind switch
        {
            Pieces.Piece.Explore => this is { Explored: not null, ClassCounts: not null, Searched: null, Found: null },
            Pieces.Piece.Find => this is { Explored: null, ClassCounts: null, Searched: null, Found: not null },
            _ => this is { Explored: null, ClassCounts: null, Searched: not null, Found: null },
        };
        return !isRight ? $"it has not just what a piece of kind '{piece.Kind}' shows"
            : Explored is not null ? WhyNotExplored(piece, Explored)
            : Found is not null ? WhyNotFound(piece, Found)
            : Searched!.WhyNot(Failure);
    }

    private string? WhyNotExplored(Piece piece, ShardResult explored)
    {
        if (explored.Shard != piece.Shard)
            return $"it is of shard {explored.Shard} and not of {piece.Shard}";

        if (piece.Seconds is not null && explored.Executions % SearchStrategy.ChunkSize != 0)
            return $"it ends after {explored.Executions} executions, where none of seconds does";

        if (explored.WhyNot(piece.Number, piece.Executions ?? explored.Executions, keepsGoing: true) is { } reason)
            return reason;

        Dictionary<ulong, long>? counts = Pieces.ClassCounts.TryRead(ClassCounts!);
        bool areCounts = counts is not null
            && counts.Values.Sum() == explored.Compared
            && counts.Count == explored.Distinct
            && explored.Compared <= piece.Compared;
        return !areCounts ? "its classes are not those of the executions that it has compared"
            : (Failure is null) != (explored.Failures == 0)
                ? $"it counts {explored.Failures} failures and has {(Failure is null ? "none" : "one")}"
            : Failure?.WhyNot();
    }

    private string? WhyNotFound(Piece piece, KillCell found)
    {
        bool isCell = found.Race == piece.Race
            && found.Seeds == piece.Seeds
            && found.Found >= 0
            && found.Found <= found.Seeds
            && (found.Worst is not null) == (found.Found == found.Seeds)
            && (found.Median is not null) == (found.Seeds / 2 < found.Found);
        return !isCell ? "its counts contradict each other"
            : (Failure is null) != (found.Found == 0) ? "it says that it was found, and has no schedule, or the reverse"
            : Failure?.WhyNot();
    }
}

/// <summary>What a search of every state has shown.</summary>
internal sealed record SearchedCell
{
    /// <summary>As verify says it.</summary>
    [JsonRequired] public string Verdict { get; set; } = "";

    /// <summary>Verified, or the class of failure; null if there is no answer.</summary>
    public string? Answer { get; set; }
    [JsonRequired] public long States { get; set; }
    [JsonRequired] public long Transitions { get; set; }
    [JsonRequired] public long Deadlocks { get; set; }
    [JsonRequired] public int MaxDepth { get; set; }

    /// <summary>Why there is no answer; null if there is one.</summary>
    public string? Reason { get; set; }

    /// <summary>What is known of progress, if anything.</summary>
    public string? Progress { get; set; }

    internal string? WhyNot(PieceFailure? failure)
    {
        bool isAnswer = Verdict switch
        {
            "verified" or "verified-safety" => Answer == Pieces.Piece.Verified && failure is null,
            "violated" => failure is not null && Answer == failure.Class,
            "inconclusive" => Answer is null && failure is null && Reason is not null,
            _ => false,
        };
        return isAnswer && States >= 0 && Transitions >= 0 && Deadlocks >= 0 && MaxDepth >= 0
            ? failure?.WhyNot()
            : "its verdict and what it counts contradict each other";
    }
}

/// <summary>A failure in its smallest form.</summary>
internal sealed record PieceFailure
{
    /// <summary>What is the same for failures that are the same: the class, and a number made of all else.</summary>
    [JsonRequired] public string Fingerprint { get; set; } = "";
    [JsonRequired] public string Class { get; set; } = "";
    [JsonRequired] public string Message { get; set; } = "";

    /// <summary>The functions of the two steps whose order makes it; or of the last one.</summary>
    [JsonRequired] public string[] Culprits { get; set; } = [];
    [JsonRequired] public int Steps { get; set; }
    [JsonRequired] public int Preemptions { get; set; }

    /// <summary>There is no smaller one.</summary>
    [JsonRequired] public bool IsProved { get; set; }

    /// <summary>Why it is not in its smallest form; null if it is.</summary>
    public string? NotMinimized { get; set; }

    /// <summary>The schedule, as a file has it.</summary>
    [JsonRequired] public string Schedule { get; set; } = "";

    internal string? WhyNot() =>
        !FailureClassNames.TryParse(Class, out _) ? $"there is no class of failure '{Class}'"
        : !IsFingerprint() ? "its fingerprint is none"
        : Steps < 0 || Preemptions < 0 ? "its failure has counts that cannot be"
        : null;

    // It becomes the name of a file.
    private bool IsFingerprint() =>
        Fingerprint.Length == Class.Length + 1 + FailureFingerprint.Digits
        && Fingerprint.StartsWith($"{Class}-", StringComparison.Ordinal)
        && Fingerprint[^FailureFingerprint.Digits..].All(char.IsAsciiHexDigitLower);
}
