using BenchmarkDotNet.Attributes;

namespace Kmaplab.Stress.Benchmarks;

/// <inheritdoc/>
/// <remarks>With 8 slots threads sleep; with 512 they only meet at the locks.</remarks>
[IterationTime(20)]
[IterationCount(7)]
public class ThreadBenchmarks : ThreadLoadBenchmarks
{
    /// <inheritdoc/>
    [Params(8, 512)]
    public override int Slots { get; set; }

    /// <inheritdoc/>
    [Params(256)]
    public override int Pages { get; set; }
}

/// <inheritdoc/>
/// <remarks>All working sets with all numbers of slots; it is run if it is named.</remarks>
[IterationTime(10)]
[IterationCount(3)]
[WarmupCount(3)] // Not 2: that is how DebuggableAttribute is written, of which UnoptimizedCode needs the only one.
public class ThreadGridBenchmarks : ThreadLoadBenchmarks
{
    /// <inheritdoc/>
    [Params(8, 512, 1024)]
    public override int Slots { get; set; }

    /// <inheritdoc/>
    [Params(8, 256, 4096)]
    public override int Pages { get; set; }
}
