using System.Reflection;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>The baseline in C, where there is one; where there is none it is left out.</summary>
internal static class NativeBaseline
{
    /// <summary>Whether a benchmark is that.</summary>
    internal static bool IsIn(MethodInfo benchmark) => benchmark.Name == nameof(PairBenchmarks.C);

    internal static NativeKmaps Require(NativeKmaps? native) =>
        native ?? throw new NotSupportedException($"no baseline in C: {NativeKmaps.Problem}");
}
