using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>kmap_high() and kunmap_high() by many threads: the time from one pair to the next, over all.</summary>
public abstract class ThreadLoadBenchmarks
{
    private const int AllPairs = 1 << 20;

    private PortLoad<BareMode> _port = null!;
    private SynchronousLoad _synchronous = null!;
    private NativeKmaps? _native;

    /// <summary>Threads.</summary>
    [Params(1, 2, 4, 8, 16, 64)]
    public int Threads { get; set; }

    /// <summary>LAST_PKMAP.</summary>
    public abstract int Slots { get; set; }

    /// <summary>The working set of all threads together.</summary>
    public abstract int Pages { get; set; }

    private int PairsEach => AllPairs / Threads;

    /// <summary>Boots them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _port = new PortLoad<BareMode>(Threads, Slots, Pages) { Pairs = PairsEach };
        _synchronous = new SynchronousLoad(Threads, Slots, Pages) { Pairs = PairsEach };
        _native = NativeKmaps.Problem is null ? new NativeKmaps(Threads, Slots, Pages) : null;
    }

    /// <summary>In C.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = AllPairs)]
    public void C() => NativeBaseline.Require(_native).Run(PairsEach);

    /// <summary>In C#, in plain methods.</summary>
    [Benchmark(OperationsPerInvoke = AllPairs)]
    public void Synchronous() => _synchronous.Run();

    /// <summary>The port.</summary>
    [Benchmark(OperationsPerInvoke = AllPairs)]
    public void Port() => _port.Run();
}
