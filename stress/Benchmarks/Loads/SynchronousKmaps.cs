using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Kernel;
using Array = Kmaplab.Scheduler.Kernel.SharedArray<Kmaplab.Scheduler.Threads.ThreadKernel<
    Kmaplab.Scheduler.Threads.Tasks.BareMode>>;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.BareMode>;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>
/// The algorithm of the port, and nothing else of it, in plain methods that await nothing, on the same primitives: what
/// is slower in the port is the price of coroutines and of functions that can be overridden.
/// </summary>
internal sealed class SynchronousKmaps
{
    private const int End = -1;

    private readonly Kernel _kernel;
    private readonly PkmapLayout _layout;
    private readonly int[] _bucketOf;
    private readonly SpinLock<Kernel> _kmapLock;
    private readonly SpinLock<Kernel> _poolLock;
    private readonly SpinLock<Kernel>[] _bucketLocks;
    private readonly WaitQueue<Kernel> _pkmapMapWait;
    private readonly Shared<Kernel> _lastPkmapNr;
    private readonly Shared<Kernel> _poolHead;
    private readonly Shared<Kernel> _poolTail;
    private readonly Shared<Kernel>[] _bucketFirst;
    private readonly Array _pkmapCount;
    private readonly Array _recordPage;
    private readonly Array _recordVirtual;
    private readonly Array _recordNext;
    private readonly int _table;

    internal SynchronousKmaps(IKernelBoot<Kernel> boot, MemoryMap pages, PkmapLayout layout)
    {
        _kernel = boot.Kernel;
        _layout = layout;
        _bucketOf = [.. Enumerable.Range(0, pages.Count).Select(page => pages.Hash(new Page(page)))];
        _kmapLock = SpinLock<Kernel>.Create(boot, "kmap_lock");
        _poolLock = SpinLock<Kernel>.Create(boot, "pool_lock");
        _bucketLocks = [.. Buckets().Select(_ => SpinLock<Kernel>.Create(boot, "bucket lock"))];
        _bucketFirst = [.. Buckets().Select(_ => Word("bucket"))];
        _pkmapMapWait = WaitQueue<Kernel>.Create(boot, "pkmap_map_wait");
        _lastPkmapNr = Word("last_pkmap_nr");
        _poolHead = Word("pool");
        _poolTail = Word("pool.prev");
        _pkmapCount = Words("pkmap_count");
        _recordPage = Words("page");
        _recordVirtual = Words("virtual");
        _recordNext = Words("next");
        _table = boot.CreateRegion("pkmap_page_table", layout.Base, layout.Slots, _kmapLock.Number, true).Index;
        for (int record = 0; record < layout.Slots; record++)
            _recordNext[record] = record;

        _poolHead.Value = layout.Slots;
        _poolTail.Value = 1;

        Shared<Kernel> Word(string name) => Shared<Kernel>.Create(boot, name, _kmapLock.Number);
        Array Words(string name) => Array.Create(boot, name, layout.Slots, _kmapLock.Number);
        static IEnumerable<int> Buckets() => Enumerable.Range(0, 1 << MemoryMap.HashBits);
    }

    internal VirtualAddress KmapHigh(Page page)
    {
        _kmapLock.Acquire();
        VirtualAddress address = PageAddress(page);
        if (address.IsNull)
            address = MapNewVirtual(page);

        if (++_pkmapCount[_layout.SlotOf(address)] < 2)
            _kernel.Bug("kmap:count_below_2");

        _kmapLock.Release();
        return address;
    }

    internal void KunmapHigh(Page page)
    {
        _kmapLock.Acquire();
        VirtualAddress address = PageAddress(page);
        if (address.IsNull)
            _kernel.Bug("kunmap:not_mapped");

        int users = --_pkmapCount[_layout.SlotOf(address)];
        if (users == 0)
            _kernel.Bug("kunmap:count_zero");

        bool needWakeup = users == 1 && _pkmapMapWait.IsActive;
        _kmapLock.Release();
        if (needWakeup)
            _pkmapMapWait.WakeUp();
    }

    private VirtualAddress MapNewVirtual(Page page)
    {
        while (true)
        {
            int slot = FindFreeSlot();
            if (slot >= 0)
                return MapSlot(slot, page);

            _kernel.SetState(TaskState.Uninterruptible);
            _pkmapMapWait.Add();
            _kmapLock.Release();
            _kernel.Schedule();
            _pkmapMapWait.Remove();
            _kmapLock.Acquire();
            VirtualAddress address = PageAddress(page);
            if (!address.IsNull)
                return PageAddress(page);
        }
    }

    private int FindFreeSlot()
    {
        int budget = _layout.Slots;
        while (true)
        {
            ref int last = ref _lastPkmapNr.Value;
            int cursor = last = (last + 1) & _layout.Mask;
            if (cursor == 0)
            {
                FlushAllZeroPkmaps();
                budget = _layout.Slots;
            }

            if (_pkmapCount[cursor] == 0)
                return cursor;

            if (--budget == 0)
                return End;
        }
    }

    private VirtualAddress MapSlot(int slot, Page page)
    {
        VirtualAddress address = _layout.AddressOf(slot);
        _kernel.SetPte(new VirtualPage(_table + slot), new PageFrame(page.Number));
        _pkmapCount[slot] = 1;
        SetPageAddress(page, address);
        return address;
    }

    private void FlushAllZeroPkmaps()
    {
        _kernel.Count(KernelEvent.Sweep);
        for (int slot = 0; slot < _layout.Slots; slot++)
        {
            if (_pkmapCount[slot] != 1)
                continue;

            _pkmapCount[slot] = 0;
            var page = new Page(_kernel.GetPte(new VirtualPage(_table + slot)).Number);
            PageAddress(page);
            _kernel.SetPte(new VirtualPage(_table + slot), PageFrame.None);
            ForgetPageAddress(page);
        }

        _kernel.FlushTlbAll();
    }

    private VirtualAddress PageAddress(Page page)
    {
        int bucket = _bucketOf[page.Number];
        _bucketLocks[bucket].AcquireIrqSave();
        VirtualAddress address = VirtualAddress.Null;
        for (int record = _bucketFirst[bucket].Value - 1; record != End; record = _recordNext[record] - 1)
        {
            if (_recordPage[record] != page.Number + 1)
                continue;

            address = new VirtualAddress((uint)_recordVirtual[record]);
            break;
        }

        _bucketLocks[bucket].ReleaseIrqRestore(0);
        return address;
    }

    private void SetPageAddress(Page page, VirtualAddress address)
    {
        _poolLock.AcquireIrqSave();
        int record = _poolHead.Value - 1;
        _poolHead.Value = _recordNext[record];
        if (_poolHead.Value == 0)
            _poolTail.Value = 0;

        _poolLock.ReleaseIrqRestore(0);
        _recordPage[record] = page.Number + 1;
        _recordVirtual[record] = (int)address.Value;
        _recordNext[record] = 0;
        int bucket = _bucketOf[page.Number];
        _bucketLocks[bucket].AcquireIrqSave();
        ref int link = ref _bucketFirst[bucket].Value;
        while (link != 0)
            link = ref _recordNext[link - 1];

        link = record + 1;
        _bucketLocks[bucket].ReleaseIrqRestore(0);
    }

    private void ForgetPageAddress(Page page)
    {
        int bucket = _bucketOf[page.Number];
        _bucketLocks[bucket].AcquireIrqSave();
        ref int link = ref _bucketFirst[bucket].Value;
        while (link != 0 && _recordPage[link - 1] != page.Number + 1)
            link = ref _recordNext[link - 1];

        int record = link - 1;
        if (record != End)
            link = _recordNext[record];

        _bucketLocks[bucket].ReleaseIrqRestore(0);
        if (record == End)
            return;

        _poolLock.AcquireIrqSave();
        _recordPage[record] = 0;
        _recordVirtual[record] = 0;
        _recordNext[record] = 0;
        if (_poolTail.Value == 0)
            _poolHead.Value = record + 1;
        else
            _recordNext[_poolTail.Value - 1] = record + 1;

        _poolTail.Value = record + 1;
        _poolLock.ReleaseIrqRestore(0);
    }
}
