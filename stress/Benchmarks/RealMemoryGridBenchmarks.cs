using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>
/// The grid of <see cref="ThreadGridBenchmarks"/> with mappings that are real (Linux on x86-64), by the port only; it
/// is run if it is named.
/// </summary>
[IterationTime(10)]
[IterationCount(3)]
[WarmupCount(3)] // Not 2: that is how DebuggableAttribute is written, of which UnoptimizedCode needs the only one.
public class RealMemoryGridBenchmarks
{
    private const int AllPairs = 1 << 14;

    private PortLoad<BareMode> _port = null!;

    /// <summary>Threads.</summary>
    [Params(1, 2, 4, 8, 16, 64)]
    public int Threads { get; set; }

    /// <summary>LAST_PKMAP.</summary>
    [Params(8, 512, 1024)]
    public int Slots { get; set; }

    /// <summary>The working set of all threads together.</summary>
    [Params(8, 256, 4096)]
    public int Pages { get; set; }

    /// <summary>Boots it.</summary>
    [GlobalSetup]
    public void Setup() => _port = new PortLoad<BareMode>(Threads, Slots, Pages, realMemory: true)
    {
        Pairs = AllPairs / Threads,
    };

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Cleanup() => _port.Free();

    /// <summary>The port.</summary>
    [Benchmark(OperationsPerInvoke = AllPairs)]
    public void Port() => _port.Run();
}
