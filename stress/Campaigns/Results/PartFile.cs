using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>What some pieces of a campaign have shown, as a file.</summary>
internal sealed record PartFile
{
    internal const string FormatName = "kmaplab campaign part 1";
    private const int BytesMax = 1 << 30;

    /// <summary>What the file is.</summary>
    [JsonRequired] public string Format { get; set; } = FormatName;

    /// <summary>The fingerprint of the plan's pieces, and how many those are.</summary>
    [JsonRequired] public string Plan { get; set; } = "";
    [JsonRequired] public int Pieces { get; set; }

    /// <summary>The build of the program.</summary>
    [JsonRequired] public string Program { get; set; } = "";

    /// <summary>What came of each piece that is here.</summary>
    [JsonRequired] public PartOutcome[] Outcomes { get; set; } = [];

    /// <summary>The file of these outcomes.</summary>
    internal static PartFile Of(ICampaign campaign, IEnumerable<PieceOutcome> outcomes)
    {
        var numbers = new Dictionary<string, int>();
        for (int i = 0; i < campaign.Pieces.Count; i++)
            numbers.Add(campaign.Pieces[i], i + 1);

        return new PartFile
        {
            Plan = campaign.Fingerprint,
            Pieces = campaign.Pieces.Count,
            Program = Piece.ThisProgram,
            Outcomes =
            [
                .. outcomes
                    .Select(outcome => new PartOutcome(numbers[outcome.Piece], outcome.Report, outcome.Error))
                    .OrderBy(outcome => outcome.Number),
            ],
        };
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is none, or not whole.</exception>
    internal static PartFile Load(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder: name the reports of parts in it");

        byte[] bytes = WholeFile.Read(
            path, BytesMax, "is no part of a campaign", message => new UsageException(message));
        try
        {
            PartFile file = JsonSerializer.Deserialize(bytes, PartJson.Default.PartFile)
                ?? throw new UsageException($"{path} is no part of a campaign: it is null");
            return file.Format == FormatName
                ? file
                : throw new UsageException(
                    $"{path} is no part of a campaign: its format is '{file.Format}', and this program reads "
                    + $"'{FormatName}'");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is no part of a campaign: {JsonProblem.Of(exception)}");
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    internal void Save(string path)
    {
        try
        {
            WholeFile.Write(path, JsonSerializer.Serialize(this, PartJson.Default.PartFile) + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--report '{path}' cannot be written: {exception.Message}");
        }
    }

    /// <summary>Adds what it says to what is known.</summary>
    /// <exception cref="UsageException">It is of another plan or build, or contradicts what is known.</exception>
    internal void AddTo(CampaignResults results, IReadOnlyList<string> pieces, string path)
    {
        if (Program != Piece.ThisProgram)
        {
            throw new UsageException(
                $"{path} is of another build of kmaplab ({Program}, this is {Piece.ThisProgram}): merge parts with the "
                + "program that has run them");
        }

        if (Plan != results.Fingerprint || Pieces != pieces.Count)
        {
            throw new UsageException(
                $"{path} is of another plan: its pieces are {Pieces} ({Plan}), and those of this one {pieces.Count} "
                + $"({results.Fingerprint})");
        }

        foreach (PartOutcome outcome in Outcomes)
        {
            bool isOne = outcome.Number >= 1 && outcome.Number <= pieces.Count;
            if (!isOne || (outcome.Report is null) == (outcome.Error is null))
                throw new UsageException($"{path} is no whole part: piece {outcome.Number} cannot be, or not so");

            results.Take(new PieceOutcome(pieces[outcome.Number - 1], outcome.Report, outcome.Error), path);
        }
    }
}

/// <summary>What came of one piece.</summary>
/// <param name="Number">Which it is, from 1.</param>
/// <param name="Report">What it has shown; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
internal sealed record PartOutcome(int Number, string? Report, string? Error);

/// <summary>How these files are read: nothing unknown, nothing twice, nothing missing.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PartFile))]
internal sealed partial class PartJson : JsonSerializerContext;
