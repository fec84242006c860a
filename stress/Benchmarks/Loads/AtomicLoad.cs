using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.BareMode>;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>How atomic pairs are measured.</summary>
internal static class AtomicLoad
{
    internal const int Pages = 8;

    internal static Fixmap Fixmap { get; } = Fixmap.Create(1);
}

/// <summary>Atomic pairs of the port, with or without checks.</summary>
internal sealed partial class AtomicLoad<TMode> : PairLoad
    where TMode : struct, IThreadMode
{
    private HighMemory<ThreadKernel<TMode>> _port = null!;

    internal AtomicLoad(long pairs)
    {
        Pairs = pairs;
        Machine = ThreadMachine.Boot<TMode>(new ThreadOptions { Name = "atomic pairs" }, boot =>
        {
            boot.CreateFrames(AtomicLoad.Pages, 0);
            var config = new KmapConfig(
                MemoryMap.Create(AtomicLoad.Pages), new PkmapLayout(PkmapLayout.DefaultBase, 1))
            {
                Fixmap = AtomicLoad.Fixmap,
            };
            _port = new HighMemory<ThreadKernel<TMode>>(boot, config);
            boot.Spawn("atomic pairs", MapAndUnmap);
        });
    }

    protected override void Work(int task) => MapAndUnmap().GetAwaiter().GetResult();

    private async KernelTask MapAndUnmap()
    {
        for (long left = Pairs; left > 0; left--)
        {
            VirtualAddress address = await _port.KmapAtomic(new Page((int)left & (AtomicLoad.Pages - 1)), KmType.User0);
            await _port.KunmapAtomic(address, KmType.User0);
        }
    }
}

/// <summary>The same in plain methods, on the same primitives and without checks.</summary>
internal sealed class SynchronousAtomicLoad : PairLoad
{
    private Kernel _kernel;
    private VirtualPage _table;

    internal SynchronousAtomicLoad(long pairs)
    {
        Pairs = pairs;
        Machine = ThreadMachine.Boot<BareMode>(new ThreadOptions { Name = "atomic pairs" }, boot =>
        {
            boot.CreateFrames(AtomicLoad.Pages, 0);
            _kernel = boot.Kernel;
            _table = boot.CreateRegion(
                "fixmap", AtomicLoad.Fixmap.Start, AtomicLoad.Fixmap.Pages, Protection.None, exclusive: false);
            boot.Spawn("atomic pairs", () => default);
        });
    }

    protected override void Work(int task)
    {
        for (long left = Pairs; left > 0; left--)
            KunmapAtomic(KmapAtomic((int)left & (AtomicLoad.Pages - 1), KmType.User0));
    }

    private VirtualAddress KmapAtomic(int page, KmType type)
    {
        _kernel.AddPreemptCount(1);
        int index = AtomicLoad.Fixmap.IndexOf(type, _kernel.CurrentCpu);
        var entry = new VirtualPage(_table.Index + AtomicLoad.Fixmap.Pages - index);
        _kernel.SetPte(entry, new PageFrame(page));
        _kernel.FlushTlbOne(entry);
        return AtomicLoad.Fixmap.AddressOf(index);
    }

    private void KunmapAtomic(VirtualAddress address)
    {
        if (address.IsNull)
            _kernel.Bug("kunmap_atomic");

        _kernel.AddPreemptCount(-1);
    }
}
