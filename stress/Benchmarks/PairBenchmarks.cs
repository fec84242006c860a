using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>kmap_high() and kunmap_high() on one thread, with nobody to contend with.</summary>
/// <remarks>Many short iterations: on a busy machine some are not interrupted, and Min says what those took.</remarks>
[MemoryDiagnoser]
[IterationTime(5)]
[WarmupCount(100)] // Half a second, by which the code is optimized.
[IterationCount(50)]
public class PairBenchmarks
{
    private const int Slots = 512;
    private const int Pairs = 10_000;

    private PortLoad<BareMode> _port = null!;
    private PortLoad<CheckedMode> _checked = null!;
    private SynchronousLoad _synchronous = null!;
    private NativeKmaps? _native;

    /// <summary>1 maps one page again, the fast path; 1024 is twice as many pages as slots: every lap sweeps.</summary>
    [Params(1, 2 * Slots)]
    public int Pages { get; set; }

    /// <summary>Boots them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _port = new PortLoad<BareMode>(1, Slots, Pages) { Pairs = Pairs };
        _checked = new PortLoad<CheckedMode>(1, Slots, Pages) { Pairs = Pairs };
        _synchronous = new SynchronousLoad(1, Slots, Pages) { Pairs = Pairs };
        _native = NativeKmaps.Problem is null ? new NativeKmaps(1, Slots, Pages) : null;
    }

    /// <summary>In C.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public void C() => NativeBaseline.Require(_native).Pairs(Pairs);

    /// <summary>In C#, in plain methods.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void Synchronous() => _synchronous.RunHere();

    /// <summary>The port.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void Port() => _port.RunHere();

    /// <summary>The port with all checks.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void PortChecked() => _checked.RunHere();
}
