using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;

namespace Kmaplab.Stress.Tests.Benchmarks;

/// <summary>What is compared does the same work, and comes to its end also where threads have to sleep.</summary>
public sealed class PairLoadTests
{
    private const int Threads = 4;
    private const int Slots = 2;
    private const int Pages = 8;
    private const int Pairs = 500;

    [Fact]
    public void The_port() => AssertSweeps(new PortLoad<BareMode>(Threads, Slots, Pages) { Pairs = Pairs });

    [Fact]
    public void The_port_with_checks() =>
        AssertSweeps(new PortLoad<CheckedMode>(Threads, Slots, Pages) { Pairs = Pairs });

    [Fact]
    public void Plain_methods() => AssertSweeps(new SynchronousLoad(Threads, Slots, Pages) { Pairs = Pairs });

    [Fact]
    public void Plain_methods_with_one_thread_sweep_as_often_as_the_port_does()
    {
        long port = new PortLoad<BareMode>(1, Slots, Pages) { Pairs = Pairs }.Run().Totals.Sweeps;

        Assert.Equal(port, new SynchronousLoad(1, Slots, Pages) { Pairs = Pairs }.Run().Totals.Sweeps);
        Assert.Equal(Pairs / Slots, port);
    }

    [Fact]
    public void C()
    {
        Assert.SkipWhen(NativeKmaps.Problem is not null, NativeKmaps.Problem ?? "");

        using var kmaps = new NativeKmaps(Threads, Slots, Pages);
        kmaps.Run(Pairs); // It aborts where the kernel has a BUG, and never ends where a wake-up is lost.
    }

    private static void AssertSweeps(PairLoad load) => Assert.InRange(load.Run().Totals.Sweeps, 1, Threads * Pairs);
}
