namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>The baseline in C, where there is one; a benchmark without it fails, and the others go on.</summary>
internal static class NativeBaseline
{
    internal static NativeKmaps Require(NativeKmaps? native) =>
        native ?? throw new NotSupportedException($"no baseline in C: {NativeKmaps.Problem}");
}
