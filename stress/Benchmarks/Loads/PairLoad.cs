using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>Threads that map and unmap one page after the other, by the port or by plain methods.</summary>
internal abstract class PairLoad
{
    /// <summary>Pairs that a thread makes.</summary>
    internal long Pairs { get; set; }

    /// <summary>The machine, once it has booted.</summary>
    protected ThreadMachine Machine { get; set; } = null!;

    /// <summary>Makes the pairs of every thread, each on one.</summary>
    internal ThreadRun Run()
    {
        ThreadRun run = Machine.Run();
        return run.IsComplete
            ? run
            : throw new InvalidOperationException(run.Finding?.Message ?? "the threads have not come to their end");
    }

    /// <summary>Makes the pairs of the first thread on the calling one.</summary>
    internal void RunHere()
    {
        using EnteredTask entered = Machine.Enter(new TaskId(0));
        Work(0);
    }

    /// <summary>Gives real memory back.</summary>
    internal void Free() => Machine.Dispose();

    protected abstract void Work(int task);
}

/// <summary>Pairs of the port, with or without checks.</summary>
internal sealed partial class PortLoad<TMode> : PairLoad
    where TMode : struct, IThreadMode
{
    private readonly int _stride;
    private readonly int _mask;
    private HighMemory<ThreadKernel<TMode>> _port = null!;

    internal PortLoad(int threads, int slots, int pages, bool realMemory = false)
    {
        _stride = pages / threads;
        _mask = pages - 1;
        var options = new ThreadOptions { Name = "pairs", RealMemory = realMemory };
        Machine = ThreadMachine.Boot<TMode>(options, boot =>
        {
            boot.CreateFrames(pages, 0);
            _port = new HighMemory<ThreadKernel<TMode>>(
                boot, new KmapConfig(MemoryMap.Create(pages), new PkmapLayout(PkmapLayout.DefaultBase, slots)));
            for (int thread = 0; thread < threads; thread++)
            {
                int number = thread;
                boot.Spawn("pairs", () => MapAndUnmap(number));
            }
        });
    }

    protected override void Work(int task) => MapAndUnmap(task).GetAwaiter().GetResult();

    private async KernelTask MapAndUnmap(int task)
    {
        int page = task * _stride;
        for (long left = Pairs; left > 0; left--)
        {
            await _port.KmapHigh(new Page(page));
            await _port.KunmapHigh(new Page(page));
            page = (page + 1) & _mask;
        }
    }
}

/// <summary>Pairs of plain methods, without checks.</summary>
internal sealed class SynchronousLoad : PairLoad
{
    private readonly int _stride;
    private readonly int _mask;
    private SynchronousKmaps _kmaps = null!;

    internal SynchronousLoad(int threads, int slots, int pages)
    {
        _stride = pages / threads;
        _mask = pages - 1;
        Machine = ThreadMachine.Boot<BareMode>(new ThreadOptions { Name = "pairs" }, boot =>
        {
            boot.CreateFrames(pages, 0);
            _kmaps = new SynchronousKmaps(
                boot, MemoryMap.Create(pages), new PkmapLayout(PkmapLayout.DefaultBase, slots));
            for (int thread = 0; thread < threads; thread++)
            {
                int number = thread;
                boot.Spawn("pairs", () =>
                {
                    Work(number);
                    return default;
                });
            }
        });
    }

    protected override void Work(int task)
    {
        int page = task * _stride;
        for (long left = Pairs; left > 0; left--)
        {
            _kmaps.KmapHigh(new Page(page));
            _kmaps.KunmapHigh(new Page(page));
            page = (page + 1) & _mask;
        }
    }
}
