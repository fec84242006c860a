using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>How programs are read: nothing unknown, nothing twice, nothing missing, no null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProgramLine[]))]
[JsonSerializable(typeof(StoredValue))]
[JsonSerializable(typeof(ArrayElement))]
[JsonSerializable(typeof(LikeThreads))]
internal sealed partial class OracleJson : JsonSerializerContext;

/// <summary>A program in the order of the file.</summary>
internal sealed record ProgramLine
{
    [JsonRequired] public string Name { get; set; } = "";
    public OrderedDictionary<string, JsonElement> Init { get; set; } = [];
    public OrderedDictionary<string, int> Channels { get; set; } = [];
    [JsonRequired] public JsonElement[] Threads { get; set; } = [];
    public JsonElement[] Finally { get; set; } = [];
    public OracleExpectation? Expect { get; set; }
}

/// <summary>What a store writes when it is a register's value, and something to it.</summary>
internal sealed record StoredValue
{
    [JsonRequired] public string Reg { get; set; } = "";
    public int Plus { get; set; }
}

/// <summary>A variable that is in an array.</summary>
internal sealed record ArrayElement
{
    [JsonRequired] public string Array { get; set; } = "";
    [JsonRequired] public JsonElement At { get; set; }
}

/// <summary>Threads that do the same.</summary>
internal sealed record LikeThreads
{
    [JsonRequired] public int Times { get; set; }
    [JsonRequired] public JsonElement Do { get; set; }
}
