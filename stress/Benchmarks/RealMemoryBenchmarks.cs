using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>What it is worth to unmap lazily, with mappings that are real (Linux on x86-64).</summary>
/// <remarks>
/// With one page its mapping stays for ever. With twice as many pages as slots each is mapped anew, and one flush
/// unmaps all slots at once. With one slot every kmap flushes, as if each kunmap did.
/// </remarks>
[IterationTime(5)]
[IterationCount(60)]
[WarmupCount(100)]
public class RealMemoryBenchmarks
{
    private const int Slots = 512;
    private const int Pairs = 1024;

    private PortLoad<BareMode> _mapped = null!;
    private PortLoad<BareMode> _lazy = null!;
    private PortLoad<BareMode> _atOnce = null!;

    /// <summary>Boots them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _mapped = new PortLoad<BareMode>(1, Slots, 1, realMemory: true) { Pairs = Pairs };
        _lazy = new PortLoad<BareMode>(1, Slots, 2 * Slots, realMemory: true) { Pairs = Pairs };
        _atOnce = new PortLoad<BareMode>(1, 1, 2, realMemory: true) { Pairs = Pairs };
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _mapped.Free();
        _lazy.Free();
        _atOnce.Free();
    }

    /// <summary>A page that is mapped already.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void Mapped() => _mapped.RunHere();

    /// <summary>A page that is not, with a flush every 512 pairs.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public void FlushOnceALap() => _lazy.RunHere();

    /// <summary>A page that is not, with a flush each time.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void FlushEachTime() => _atOnce.RunHere();
}
