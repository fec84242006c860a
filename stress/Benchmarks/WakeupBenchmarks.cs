using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Benchmarks.Loads;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.BareMode>;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>From wake_up() to where the sleeper runs: two tasks hand a turn to and fro.</summary>
[IterationTime(20)]
[IterationCount(15)]
public class WakeupBenchmarks
{
    private const int Turns = 2_000;

    private ThreadMachine _machine = null!;
    private NativeKmaps? _native;

    /// <summary>Boots them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _native = NativeKmaps.Problem is null ? new NativeKmaps(2, 1, 1) : null;
        _machine = ThreadMachine.Boot<BareMode>(new ThreadOptions { Name = "turns" }, boot =>
        {
            Kernel kernel = boot.Kernel;
            WaitQueue<Kernel> queue = WaitQueue<Kernel>.Create(boot, "queue");
            var turn = Shared<Kernel>.Create(boot, "turn", Protection.Marked);
            for (int task = 0; task < 2; task++)
            {
                int me = task;
                boot.Spawn("player", () => Play(kernel, queue, turn, me));
            }
        });
    }

    /// <summary>In C.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = 2 * Turns)]
    public void C() => NativeBaseline.Require(_native).Turns(Turns);

    /// <summary>Kernel code in C#.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Turns)]
    public ThreadRun Port() => _machine.Run();

    private static async KernelTask Play(Kernel kernel, WaitQueue<Kernel> queue, Shared<Kernel> turn, int me)
    {
        for (int i = 0; i < Turns; i++)
        {
            await queue.Add();
            while (true)
            {
                await kernel.SetState(TaskState.Uninterruptible);
                if (await turn.ReadOnce() == me)
                    break;

                await kernel.Schedule();
            }

            await kernel.SetState(TaskState.Running);
            await queue.Remove();
            await turn.WriteOnce(1 - me);
            await queue.WakeUp();
        }
    }
}
