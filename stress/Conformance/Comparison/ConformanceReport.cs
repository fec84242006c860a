using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>How far the port agrees with a set of traces.</summary>
/// <param name="Traces">Traces compared.</param>
/// <param name="Steps">Steps compared; a trace is left at its first difference.</param>
/// <param name="Mismatches">Traces with a difference.</param>
/// <param name="First">The first difference of the first such trace.</param>
public sealed record ConformanceReport(int Traces, long Steps, int Mismatches, Mismatch? First)
{
    /// <summary>The report before anything is compared.</summary>
    public static ConformanceReport Nothing { get; } = new(0, 0, 0, null);

    /// <summary>The report of these traces and then those.</summary>
    public ConformanceReport Merge(ConformanceReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Traces + other.Traces, Steps + other.Steps, Mismatches + other.Mismatches, First ?? other.First);
    }

    /// <summary>One line for people.</summary>
    public override string ToString() =>
        $"{Counted.Of(Traces, "trace")}, {Counted.Of(Steps, "step")}, "
        + $"{Counted.Of(Mismatches, "mismatch", "mismatches")}";
}

/// <summary>kmaplab conform --json.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConformanceReport))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
