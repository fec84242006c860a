using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Json;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns;

/// <summary>What some shards of one exploration have shown, as a file.</summary>
internal sealed record ShardFile
{
    internal const string FormatName = "kmaplab shards 1";
    private const int BytesMax = 256 << 20;

    /// <summary>What the file is.</summary>
    [JsonRequired] public string Format { get; set; } = FormatName;

    /// <summary>The target as it was named, and with its variant.</summary>
    [JsonRequired] public string Target { get; set; } = "";
    [JsonRequired] public string Name { get; set; } = "";

    /// <summary>The token of a schedule without steps: what was booted, by which build, strategy and seed.</summary>
    [JsonRequired] public string Experiment { get; set; } = "";

    /// <summary>Executions of all shards together.</summary>
    [JsonRequired] public long Executions { get; set; }

    /// <summary>Whether the first failure ends it.</summary>
    [JsonRequired] public bool KeepGoing { get; set; }

    /// <summary>The number of shards.</summary>
    [JsonRequired] public int Of { get; set; }

    /// <summary>Those that are here, by number.</summary>
    [JsonRequired] public ShardResult[] Shards { get; set; } = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">It is none, or not whole.</exception>
    internal static ShardFile Load(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder: name the reports of shards in it");

        byte[] bytes = WholeFile.Read(
            path, BytesMax, "is no report of shards", message => new UsageException(message));
        try
        {
            ShardFile file = JsonSerializer.Deserialize(bytes, ShardJson.Default.ShardFile)
                ?? throw new UsageException($"{path} is no report of shards: it is null");
            file.Check(path);
            return file;
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is no report of shards: {JsonProblem.Of(exception)}");
        }
    }

    /// <summary>Refuses a place where nothing can be written, before any work is done.</summary>
    /// <exception cref="UsageException">It is such a place.</exception>
    internal static void RequirePlace(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (Directory.Exists(path))
            throw new UsageException($"--report '{path}' cannot be written: it is a folder");

        if (!Directory.Exists(folder))
            throw new UsageException($"--report '{path}' cannot be written: there is no folder '{folder}'");
    }

    /// <summary>Writes it, whole or not at all.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    internal void Save(string path)
    {
        try
        {
            WholeFile.Write(path, JsonSerializer.Serialize(this, ShardJson.Default.ShardFile) + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--report '{path}' cannot be written: {exception.Message}");
        }
    }

    // A file that was cut or edited must not add up to something that nobody has seen.
    private void Check(string path)
    {
        if (Format != FormatName)
            throw Wrong(path, $"its format is '{Format}', and this program reads '{FormatName}'");

        if (!Product.Tokens.LooksLikeToken(Experiment))
            throw Wrong(path, "'experiment' is no token of a schedule");

        if (Executions < 1 || Of < 1)
            throw Wrong(path, "it is of no executions, or of no shards");

        var seen = new HashSet<int>();
        foreach (ShardResult shard in Shards)
        {
            if (shard.Shard < 1 || shard.Shard > Of || !seen.Add(shard.Shard))
                throw Wrong(path, $"shard {shard.Shard} of {Of} is there twice, or cannot be");

            if (shard.WhyNot(new ShardNumber(shard.Shard, Of), Executions, KeepGoing) is { } reason)
                throw Wrong(path, $"shard {shard.Shard}: {reason}");
        }
    }

    private static UsageException Wrong(string path, string reason) =>
        new($"{path} is no whole report of shards: {reason}");
}

/// <summary>What one shard has shown.</summary>
internal sealed record ShardResult
{
    [JsonRequired] public int Shard { get; set; }

    /// <summary>How long it took, on whatever machine.</summary>
    [JsonRequired] public double Seconds { get; set; }
    [JsonRequired] public long Executions { get; set; }
    [JsonRequired] public long Steps { get; set; }
    [JsonRequired] public long CutOff { get; set; }
    [JsonRequired] public int StepsMax { get; set; }
    [JsonRequired] public long Failures { get; set; }
    [JsonRequired] public long Compared { get; set; }
    [JsonRequired] public long Distinct { get; set; }

    /// <summary>Only the first shard compares executions; of a campaign each.</summary>
    public ShardClasses? Classes { get; set; }
    public DiscoveryPoint[]? Curve { get; set; }

    /// <summary>The token of the first failing execution; null if none fails.</summary>
    public string? Failure { get; set; }

    /// <summary>Of that execution.</summary>
    public int Preemptions { get; set; }

    /// <summary>The result of a shard; <paramref name="schedule"/> is one without steps.</summary>
    internal static ShardResult Of(
        ShardNumber number, ExplorationReport report, double seconds, Schedule schedule) => new()
        {
            Shard = number.Number,
            Seconds = seconds,
            Executions = report.Executions,
            Steps = report.Steps,
            CutOff = report.CutOff,
            StepsMax = report.StepsMax,
            Failures = report.Failures,
            Compared = report.Compared,
            Distinct = report.Distinct,
            Classes = report.Classes is { } sample
                ? new ShardClasses(sample.Executions, sample.Once, sample.Later, sample.NewLater)
                : null,
            Curve = report.Curve is null ? null : [.. report.Curve.Points],
            Failure = report.First is { } first ? Product.Tokens.Format(schedule.With(first)) : null,
            Preemptions = report.First?.Preemptions ?? 0,
        };

    /// <summary>The same as a report, with the first failure if somebody has run it again.</summary>
    internal ExplorationReport Report(FailedExecution? first) => new()
    {
        Executions = Executions,
        Steps = Steps,
        CutOff = CutOff,
        StepsMax = StepsMax,
        Failures = Failures,
        Compared = Compared,
        Distinct = Distinct,
        Classes = Classes is null
            ? null
            : new ClassSample(Classes.Executions, Classes.Once, Classes.Later, Classes.NewLater),
        Curve = Curve is null ? null : new DiscoveryCurve(Curve),
        First = first,
    };

    /// <summary>Whether it shows the same as another one, however long that took.</summary>
    internal bool Says(ShardResult other) =>
        JsonSerializer.Serialize(this with { Seconds = 0 }, ShardJson.Default.ShardResult)
        == JsonSerializer.Serialize(other with { Seconds = 0 }, ShardJson.Default.ShardResult);

    /// <summary>Why it cannot be the result of that shard; null if it can.</summary>
    internal string? WhyNot(ShardNumber number, long executions, bool keepsGoing)
    {
        if (number.Of > executions)
            return $"there are fewer executions than shards ({executions})";

        long all = number.Executions(executions);
        bool isWhole = keepsGoing || Failure is null ? Executions == all : Executions >= 1 && Executions <= all;
        bool isNegative = Seconds < 0 || Steps < 0 || CutOff < 0 || StepsMax < 0 || Compared < 0 || Distinct < 0;
        return !isWhole ? $"it says {Executions} executions, and has {all}"
            : isNegative || CutOff > Executions || Compared > Executions || Distinct > Compared
                ? "its counts contradict each other"
            : Failure is null != (Failures == 0) || Failures > Executions
                ? $"it counts {Counted.Of(Failures, "failure")} and has {(Failure is null ? "none" : "one")}"
            : Failure is not null && !Product.Tokens.LooksLikeToken(Failure) ? "its failure is no token of a schedule"
            : null;
    }
}

/// <summary>A <see cref="ClassSample"/>, as it is counted.</summary>
internal sealed record ShardClasses(long Executions, long Once, long Later, long NewLater);

/// <summary>How these files are read: nothing unknown, nothing twice, nothing missing.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShardFile))]
[JsonSerializable(typeof(ShardResult))]
internal sealed partial class ShardJson : JsonSerializerContext;
