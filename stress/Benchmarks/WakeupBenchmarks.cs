using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>From wake_up() to where the sleeper runs: two tasks hand a turn to and fro.</summary>
/// <remarks>
/// With real memory whoever wakes has written into a page, and the sleeper reads it at another address of the same
/// frame, mapped by the operating system (Linux on x86-64).
/// </remarks>
[IterationTime(20)]
[IterationCount(15)]
public class WakeupBenchmarks
{
    private const int Turns = 2_000;

    private ThreadMachine _machine = null!;
    private ThreadMachine? _realMemory;
    private NativeKmaps? _native;

    /// <summary>Boots them.</summary>
    [GlobalSetup(Targets = [nameof(C), nameof(Port)])]
    public void Setup()
    {
        _native = NativeKmaps.Problem is null ? new NativeKmaps(2, 1, 1) : null;
        _machine = TurnLoad.Boot(Turns, realMemory: false);
    }

    /// <summary>Boots them with real memory.</summary>
    [GlobalSetup(Target = nameof(PortRealMemory))]
    public void SetupRealMemory() => _realMemory = TurnLoad.Boot(Turns, realMemory: true);

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup(Target = nameof(PortRealMemory))]
    public void CleanupRealMemory() => _realMemory?.Dispose();

    /// <summary>In C.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = 2 * Turns)]
    public void C() => NativeBaseline.Require(_native).Turns(Turns);

    /// <summary>Kernel code in C#.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Turns)]
    public ThreadRun Port() => _machine.Run();

    /// <summary>The same, and each turn comes with a page that both have mapped.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Turns)]
    public ThreadRun PortRealMemory() => _realMemory!.Run();
}
