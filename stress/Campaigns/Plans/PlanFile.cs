using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>A plan of a campaign, as a file.</summary>
internal sealed record PlanFile
{
    internal const string FormatName = "kmaplab plan 1";
    private const int BytesMax = 16 << 20;

    /// <summary>What the file is.</summary>
    [JsonRequired] public string Format { get; set; } = FormatName;

    /// <summary>What people call it.</summary>
    [JsonRequired] public string Name { get; set; } = "";

    /// <summary>What is sampled.</summary>
    public SampledPart[]? Explore { get; set; }

    /// <summary>Sizes of which every state is searched.</summary>
    public SearchedPart[]? Verify { get; set; }

    /// <summary>Variants that are said to do no harm, of which that is to be proved.</summary>
    public SearchedPart[]? Prove { get; set; }

    /// <summary>Races that strategies are to find.</summary>
    public FoundPart[]? Find { get; set; }

    /// <summary>The plan as a text.</summary>
    internal string Text => JsonSerializer.Serialize(this, PlanJson.Default.PlanFile) + "\n";

    /// <summary>Reads a plan.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    internal static PlanFile Load(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder: name a plan in it");

        try
        {
            byte[] bytes = WholeFile.Read(path, BytesMax)
                ?? throw new UsageException($"{path} is no plan: it is larger than {BytesMax >> 20} MiB");
            PlanFile file = JsonSerializer.Deserialize(bytes, PlanJson.Default.PlanFile)
                ?? throw new UsageException($"{path} is no plan: it is null");
            return file.Format == FormatName
                ? file
                : throw new UsageException(
                    $"{path} is no plan: its format is '{file.Format}', and this program reads '{FormatName}'");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is no plan: {PlaceOf(exception)}{JsonProblem.Of(exception)}");
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"there is no file '{path}': kmaplab campaign plan writes one");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {exception.Message}");
        }
    }

    // The problem itself names only the member.
    private static string PlaceOf(JsonException exception) =>
        exception.Path is { Length: > 2 } place && place.Contains('[', StringComparison.Ordinal)
            ? $"{place[2..place.LastIndexOf(']')]}]: "
            : "";
}

/// <summary>Targets that are sampled: each with each of the values, by each strategy from each seed.</summary>
internal sealed record SampledPart
{
    /// <summary>Scenarios, races or programs, as explore takes them.</summary>
    [JsonRequired] public string[] Targets { get; set; } = [];

    /// <summary>Variants of the port; the port itself, or the race's own, unless given.</summary>
    public string[]? Variants { get; set; }

    /// <summary>Values of parameters: one, a list, or a range.</summary>
    public OrderedDictionary<string, JsonElement>? Parameters { get; set; }

    /// <summary>CONFIG_PREEMPT, one or both.</summary>
    public bool[]? Preempt { get; set; }
    [JsonRequired] public string[] Strategies { get; set; } = [];

    /// <summary>Seeds: one, a list, or a range.</summary>
    [JsonRequired] public JsonElement Seeds { get; set; }

    /// <summary>Executions of each; or for how many seconds it is run.</summary>
    public long? Executions { get; set; }
    public double? Seconds { get; set; }

    /// <summary>Into how many pieces executions are cut; unless given so many that each takes some seconds.</summary>
    public int? Shards { get; set; }
}

/// <summary>Targets of which every state is searched: each with each of the values.</summary>
internal sealed record SearchedPart
{
    [JsonRequired] public string[] Targets { get; set; } = [];
    public string[]? Variants { get; set; }
    public OrderedDictionary<string, JsonElement>? Parameters { get; set; }
    public bool[]? Preempt { get; set; }

    /// <summary>States after which a search gives up.</summary>
    public long? States { get; set; }

    /// <summary>Verified unless given; or the class of failure that is there.</summary>
    public string? Expect { get; set; }
}

/// <summary>Races that are to be found, each by each strategy.</summary>
internal sealed record FoundPart
{
    /// <summary>All unless given.</summary>
    public string[]? Races { get; set; }

    /// <summary>All unless given.</summary>
    public string[]? Strategies { get; set; }

    /// <summary>The first seed, 1 unless given, and how many.</summary>
    public ulong? FirstSeed { get; set; }
    [JsonRequired] public int Seeds { get; set; }

    /// <summary>Executions after which a race is not found.</summary>
    [JsonRequired] public int Executions { get; set; }
}

/// <summary>How plans are read: nothing unknown, nothing twice, nothing missing.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true)]
[JsonSerializable(typeof(PlanFile))]
internal sealed partial class PlanJson : JsonSerializerContext;
