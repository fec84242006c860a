using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>kmap_atomic() and kunmap_atomic() on one thread: no lock, no search, one slot of the CPU's own.</summary>
[MemoryDiagnoser]
[IterationTime(5)]
[WarmupCount(100)] // Half a second, by which the code is optimized.
[IterationCount(50)]
public class AtomicBenchmarks
{
    private const int Pairs = 10_000;

    private AtomicLoad<BareMode> _port = null!;
    private AtomicLoad<CheckedMode> _checked = null!;
    private SynchronousAtomicLoad _synchronous = null!;
    private NativeKmaps? _native;

    /// <summary>Boots them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _port = new AtomicLoad<BareMode>(Pairs);
        _checked = new AtomicLoad<CheckedMode>(Pairs);
        _synchronous = new SynchronousAtomicLoad(Pairs);
        _native = NativeKmaps.Problem is null ? new NativeKmaps(1, 1, AtomicLoad.Pages) : null;
    }

    /// <summary>In C.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public void C() => NativeBaseline.Require(_native).AtomicPairs(Pairs);

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
