using System.Globalization;
using System.IO.Hashing;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>A piece of a campaign: all that its result depends on, as one line of JSON.</summary>
internal sealed record Piece
{
    /// <summary>A shard of an exploration, which goes on after failures.</summary>
    internal const string Explore = "explore";

    /// <summary>A search of every state of given sizes.</summary>
    internal const string Verify = "verify";

    /// <summary>The same, of a variant that is said to do no harm.</summary>
    internal const string Prove = "prove";

    /// <summary>A race that a strategy is to find.</summary>
    internal const string Find = "find";

    /// <summary>What a search of every state is to say unless a failure is expected.</summary>
    internal const string Verified = "verified";

    /// <summary>Which of them it is.</summary>
    [JsonRequired] public string Kind { get; set; } = "";

    /// <summary>What people call it.</summary>
    [JsonRequired] public string Name { get; set; } = "";

    /// <summary>The build of the program.</summary>
    [JsonRequired] public string Program { get; set; } = "";

    /// <summary>The token of a schedule without steps: what is booted, by which build, strategy and seed.</summary>
    [JsonRequired] public string Experiment { get; set; } = "";

    /// <summary>Of all shards together; or after which a race is not found.</summary>
    public long? Executions { get; set; }

    /// <summary>How long an exploration begins new executions, in the place of how many it runs.</summary>
    public double? Seconds { get; set; }

    /// <summary>Which shard, from 1, of how many.</summary>
    public int? Shard { get; set; }
    public int? Of { get; set; }

    /// <summary>Executions of each shard that are compared, at most.</summary>
    public int? Compared { get; set; }

    /// <summary>States after which a search gives up.</summary>
    public long? States { get; set; }

    /// <summary>What a search is expected to say: verified, or a class of failure.</summary>
    public string? Expect { get; set; }

    /// <summary>The race that is to be found, and with how many seeds.</summary>
    public string? Race { get; set; }
    public int? Seeds { get; set; }

    /// <summary>The build of the program: the simulator, the port and what this assembly has.</summary>
    internal static string ThisProgram { get; } = BuildOf(typeof(Machine), typeof(KernelRelease), typeof(Piece));

    /// <summary>The piece as it is sent: one line.</summary>
    internal string Text => JsonSerializer.Serialize(this, PieceJson.Default.Piece);

    /// <summary>What all shards of an exploration have in common.</summary>
    internal string Target => string.Create(CultureInfo.InvariantCulture, $"{Experiment} {Executions} {Seconds}");

    /// <summary>Which shard it is; only of an exploration.</summary>
    internal ShardNumber Number => new(Shard!.Value, Of!.Value);

    /// <summary>Reads one.</summary>
    /// <exception cref="UsageException">It is none, or of another build.</exception>
    internal static Piece Parse(string text)
    {
        try
        {
            Piece piece = JsonSerializer.Deserialize(text, PieceJson.Default.Piece)
                ?? throw new UsageException("this is no piece of a campaign: it is null");
            piece.Check();
            return piece;
        }
        catch (JsonException exception)
        {
            throw new UsageException($"this is no piece of a campaign: {JsonProblem.Of(exception)}");
        }
    }

    /// <summary>What tells the text of a piece, or of many, from all others.</summary>
    internal static string FingerprintOf(string text) =>
        Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));

    private static string BuildOf(params Type[] types)
    {
        IEnumerable<Module> modules = types.Select(type => type.Module);
        return $"{XxHash64.HashToUInt64([.. modules.SelectMany(module => module.ModuleVersionId.ToByteArray())]):x16}";
    }

    private void Check()
    {
        string? missing = Kind switch
        {
            Explore when (Executions is not > 0) == (Seconds is not > 0) =>
                "either executions or seconds",
            Explore when Shard is not > 0 || !(Of >= Shard) || Compared is not > 0 || (Seconds > 0 && Of != 1) =>
                "a shard of some, which is all of them with seconds, and how many are compared",
            Verify or Prove when States is not > 0 || Expect is null => "states, and what is expected",
            Find when Executions is not > 0 || Seeds is not > 0 || Race is null => "a race, seeds and executions",
            Explore or Verify or Prove or Find => null,
            _ => "a kind that this program knows",
        };
        if (missing is not null)
            throw new UsageException($"the piece '{Name}' of kind '{Kind}' has not {missing}");

        if (Program != ThisProgram)
        {
            throw new UsageException(
                $"the piece '{Name}' is of another build of kmaplab ({Program}, this is {ThisProgram}): everybody who "
                + "works on a campaign needs the same");
        }
    }
}

/// <summary>How pieces and their reports are read: nothing unknown, nothing twice, nothing missing.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Piece))]
[JsonSerializable(typeof(PieceReport))]
internal sealed partial class PieceJson : JsonSerializerContext;
