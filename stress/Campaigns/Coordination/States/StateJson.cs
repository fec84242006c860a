using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>The first line of a state file.</summary>
internal sealed record StateHeader
{
    internal const string FormatName = "kmaplab campaign state 1";

    [JsonRequired] public string Format { get; set; } = FormatName;

    /// <inheritdoc cref="CampaignIdentity"/>
    [JsonRequired] public string Plan { get; set; } = "";
    [JsonRequired] public string Build { get; set; } = "";
    [JsonRequired] public int Pieces { get; set; }

    internal static StateHeader Of(CampaignIdentity identity) =>
        new() { Plan = identity.Plan, Build = identity.Build, Pieces = identity.Pieces };
}

/// <summary>How a state file is read: nothing unknown, nothing twice, nothing missing.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StateHeader))]
[JsonSerializable(typeof(string))]
internal sealed partial class StateJson : JsonSerializerContext;
