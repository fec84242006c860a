using System.Runtime.InteropServices;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Reads the state of a machine in a trace's terms; states share the parts that have not changed.</summary>
internal sealed class StateReader(TraceConfig config, TableMachine machine)
{
    private readonly int[] _counts = new int[config.LastPkmap];
    private readonly int[] _pages = new int[config.LastPkmap];
    private readonly uint[] _addresses = new uint[config.PageCount];
    private readonly TaskCondition[] _conditions = new TaskCondition[config.Table!.TaskCount];
    private readonly List<PageAddressRecord> _records = [];
    private readonly List<HashEntry> _entries = [];
    private readonly List<int> _pool = [];
    private TraceState? _before;

    public TraceState Read()
    {
        ReadSlots();
        ReadAddresses();
        for (int task = 0; task < _conditions.Length; task++)
            _conditions[task] = machine.Condition(task);

        _before = new TraceState
        {
            PkmapCount = Shared(_counts, _before?.PkmapCount),
            LastPkmapNr = machine.Port.View.Cursor,
            PageTable = Shared(_pages, _before?.PageTable),
            PageAddress = Shared(_addresses, _before?.PageAddress),
            WaitQueue = Shared([.. machine.Waiters()], _before?.WaitQueue),
            Flushes = machine.Observer.Count(KernelEvent.Sweep),
            TlbFlushes = machine.Observer.Count(KernelEvent.TlbFlushAll),
            WakeCalls = machine.Observer.Count(KernelEvent.WakeCall),
            Tasks = Shared(_conditions, _before?.Tasks),
            Lock = machine.LockHolder,
            Hash = config.Table!.Hash is null ? null : ReadHash(),
        };
        return _before;
    }

    private void ReadSlots()
    {
        for (int slot = 0; slot < _counts.Length; slot++)
        {
            _counts[slot] = machine.Port.CountOf(slot);
            _pages[slot] = machine.Port.PageIn(slot).Number;
        }
    }

    private void ReadAddresses()
    {
        _records.Clear();
        machine.Port.View.ReadRecords(_records);
        Array.Clear(_addresses);
        foreach (ref readonly PageAddressRecord record in CollectionsMarshal.AsSpan(_records))
        {
            ref uint address = ref _addresses[record.Page.Number];
            if (address == 0)
                address = record.Address.Value; // The first one is the one that page_address() finds.
        }
    }

    private HashState ReadHash()
    {
        _entries.Clear();
        foreach (ref readonly PageAddressRecord record in CollectionsMarshal.AsSpan(_records))
            _entries.Add(new HashEntry(record.Bucket, record.Page.Number, record.Address.Value, record.Record));

        _pool.Clear();
        machine.Port.View.ReadPool(_pool);
        return new HashState(
            Shared(CollectionsMarshal.AsSpan(_entries), _before?.Hash?.Entries),
            Shared(CollectionsMarshal.AsSpan(_pool), _before?.Hash?.Pool));
    }

    private static ValueArray<T> Shared<T>(ReadOnlySpan<T> now, ValueArray<T>? before) =>
        before is { } old && now.SequenceEqual(old.AsSpan()) ? old : new ValueArray<T>(now.ToArray());
}
