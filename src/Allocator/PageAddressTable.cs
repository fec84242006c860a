using Kmaplab.Allocator.Bookkeeping;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>
/// The table from pages to addresses (HASHED_PAGE_VIRTUAL, mm/highmem.c): 128 hash chains with a lock each, and a pool
/// of LAST_PKMAP records. The two kinds of lock are never nested.
/// </summary>
/// <remarks>The lowest part of <see cref="HighMemory{TKernel}"/>: all others ask it.</remarks>
[KernelObject]
public abstract partial class PageAddressTable<TKernel>
    where TKernel : struct, IKernel
{
    /// <summary>NULL of the linked lists, kept in memory as 0.</summary>
    protected const int End = -1;

    private SpinLock<TKernel> _poolLock;
    private Shared<TKernel> _poolHead;
    private Shared<TKernel> _poolTail;

    // struct page_address_map: which lock protects a record depends on the list it is in, so the arrays have none.
    private SharedArray<TKernel> _recordPage;
    private SharedArray<TKernel> _recordVirtual;
    private SharedArray<TKernel> _recordNext;

    // page_address_htable. Buckets that no page hashes to are never touched, and take no memory.
    private Bucket[] _buckets = [];
    private int[] _bucketOf = [];

    private protected PageAddressTable(IKernelBoot<TKernel> boot, KmapConfig config)
    {
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(config);
        Kernel = boot.Kernel;
        Pages = config.Pages;
        Layout = config.Layout;
    }

    /// <summary>The kernel that this runs on.</summary>
    protected TKernel Kernel { get; }

    /// <summary>The pages there are.</summary>
    protected MemoryMap Pages { get; }

    /// <summary>Where the permanent mappings lie.</summary>
    public PkmapLayout Layout { get; }

    /// <summary>
    /// page_address(): where a page is mapped, NULL if nowhere. Without kmap_lock, and without a mapping of one's own,
    /// the answer is only a hint.
    /// </summary>
    public virtual async KernelTask<VirtualAddress> PageAddress(Page page)
    {
        if (!Pages.IsHighmem(page))
            return Pages.LowmemAddress(page);

        int bucket = PageSlot(page);
        int flags = await _buckets[bucket].Lock.AcquireIrqSave();
        int record = FindInChain(bucket, page, out _);
        VirtualAddress address = record == End ? VirtualAddress.Null : new VirtualAddress((uint)_recordVirtual[record]);
        await _buckets[bucket].Lock.ReleaseIrqRestore(flags);
        return address;
    }

    /// <summary>set_page_address(): records where a page is mapped, or with NULL that it is no longer.</summary>
    public virtual KernelTask SetPageAddress(Page page, VirtualAddress address)
    {
        BugOn(!Pages.IsHighmem(page), "set_page_address:not_highmem");
        return address.IsNull ? RemovePageAddress(page) : AddPageAddress(page, address);
    }

    /// <summary>
    /// page_slot(): the chain that a page belongs to, as an index into the chains that this machine has.
    /// </summary>
    protected int PageSlot(Page page) => _bucketOf[page.Number];

    /// <summary>pool_lock.</summary>
    protected SpinLock<TKernel> PoolLock => _poolLock;

    /// <summary>The number of the lock that the pool's accesses are checked against.</summary>
    protected virtual int PoolGuard => _poolLock.Number;

    /// <summary>The lock of a chain.</summary>
    protected SpinLock<TKernel> ChainLock(int bucket) => _buckets[bucket].Lock;

    /// <summary>The part of set_page_address() that records an address.</summary>
    [PartOf("set_page_address")]
    protected virtual async KernelTask AddPageAddress(Page page, VirtualAddress address)
    {
        BugOn(IsPoolEmpty, "set_page_address:pool_empty"); // Tested without the lock, as in the kernel.

        int flags = await _poolLock.AcquireIrqSave();
        int record = TakeFromPool();
        await _poolLock.ReleaseIrqRestore(flags);

        // The record is in no list now, so it is ours.
        FillRecord(record, page, address);

        int bucket = PageSlot(page);
        flags = await _buckets[bucket].Lock.AcquireIrqSave();
        AppendToChain(bucket, record);
        await _buckets[bucket].Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>The part of set_page_address() that forgets an address.</summary>
    [PartOf("set_page_address")]
    protected virtual async KernelTask RemovePageAddress(Page page)
    {
        int bucket = PageSlot(page);
        int flags = await _buckets[bucket].Lock.AcquireIrqSave();
        int record = UnlinkFromChain(bucket, page);
        await _buckets[bucket].Lock.ReleaseIrqRestore(flags);
        if (record == End)
            return;

        flags = await _poolLock.AcquireIrqSave();
        AppendToPool(record);
        await _poolLock.ReleaseIrqRestore(flags);
    }

    // page_address_init(): every record is pushed at the head, so the last one is the first to be used.
    private protected void CreatePageAddresses(IKernelBoot<TKernel> boot)
    {
        _poolLock = SpinLock<TKernel>.Create(boot, "pool_lock", LockRank.Inner);
        _poolHead = Shared<TKernel>.Create(boot, "page_address_pool", PoolGuard, WordSort.Record);
        _poolTail = Shared<TKernel>.Create(boot, "page_address_pool.prev", PoolGuard, WordSort.Record);
        _recordPage = Records("page", WordSort.Frame);
        _recordVirtual = Records("virtual", WordSort.Address);
        _recordNext = Records("next", WordSort.Record);
        for (int record = 0; record < Layout.Slots; record++)
            _recordNext[record] = record; // 1 + the record before, or 0.

        _poolHead.Value = Layout.Slots;
        _poolTail.Value = 1;

        CreateBuckets(boot);

        SharedArray<TKernel> Records(string field, WordSort sort) => SharedArray<TKernel>.Create(
            boot, $"page_address_maps.{field}", Layout.Slots, Protection.ByOwner, sort);
    }

    private void CreateBuckets(IKernelBoot<TKernel> boot)
    {
        int[] hashes = [.. Enumerable.Range(0, Pages.Count).Select(page => Pages.Hash(new Page(page)))];
        int[] indexOf = new int[1 << MemoryMap.HashBits];
        bool[] isUsed = new bool[indexOf.Length];
        foreach (int hash in hashes)
            isUsed[hash] = true;

        int[] used = [.. Enumerable.Range(0, isUsed.Length).Where(hash => isUsed[hash])];
        for (int i = 0; i < used.Length; i++)
            indexOf[used[i]] = i;

        _bucketOf = [.. hashes.Select(hash => indexOf[hash])];
        _buckets = [.. used.Select(hash => new Bucket(boot, hash))];

        // With a bucket each, renaming pages is renaming buckets; otherwise the order within a chain tells pages apart.
        bool isAlone = used.Length == hashes.Length;
        if (isAlone)
        {
            boot.DeclareMovingWithFrames([.. _bucketOf.Select(bucket => _buckets[bucket].First.Address)]);
            boot.DeclareMovingWithFrames([.. _bucketOf.Select(bucket => _buckets[bucket].Lock.Number)]);
        }
        else
        {
            boot.ForbidRenamingFrames();
        }

        int[] heads =
            [.. _buckets.Select(bucket => bucket.First.Address), _poolHead.Address, _poolTail.Address];
        int links = _recordNext.Address;
        var order = new RecordOrder(
            Layout.Slots,
            heads[..^2],
            _poolHead.Address,
            _poolTail.Address,
            _recordPage.Address,
            _recordVirtual.Address,
            links);
        boot.DeclareInterchangeableRecords(
            Layout.Slots,
            [_recordPage.Address, _recordVirtual.Address, links],
            [.. heads, .. Enumerable.Range(links, Layout.Slots)],
            order.Restore);
    }

    /// <summary>The first record of a page in a chain, or <see cref="End"/>, and the record in front of it.</summary>
    protected int FindInChain(int bucket, Page page, out int before)
    {
        before = End;
        for (int record = _buckets[bucket].First.Value - 1; record != End; record = _recordNext[record] - 1)
        {
            if (_recordPage[record] == page.Number + 1)
                return record;

            Kernel.LoopTurn();
            before = record;
        }

        return End;
    }

    /// <summary>Writes the page and its address into a record that is in no list.</summary>
    protected void FillRecord(int record, Page page, VirtualAddress address)
    {
        _recordPage[record] = page.Number + 1;
        _recordVirtual[record] = (int)address.Value;
    }

    /// <summary>list_add_tail() into a chain.</summary>
    protected void AppendToChain(int bucket, int record)
    {
        _recordNext[record] = 0;
        ref int link = ref _buckets[bucket].First.Value;
        while (link != 0)
        {
            Kernel.LoopTurn();
            link = ref _recordNext[link - 1];
        }

        link = record + 1;
    }

    /// <summary>
    /// list_del() of the first record of a page in a chain; yields it, or <see cref="End"/> if there is none.
    /// </summary>
    protected int UnlinkFromChain(int bucket, Page page)
    {
        int record = FindInChain(bucket, page, out int before);
        if (record == End)
            return End;

        if (before == End)
            _buckets[bucket].First.Value = _recordNext[record];
        else
            _recordNext[before] = _recordNext[record];

        return record;
    }

    /// <summary>Whether the pool has no records, looked at without its lock.</summary>
    protected bool IsPoolEmpty => _poolHead.Peek == 0;

    /// <summary>Takes the first record out of the pool.</summary>
    protected int TakeFromPool()
    {
        int record = _poolHead.Value - 1;
        _poolHead.Value = _recordNext[record];
        if (_poolHead.Value == 0)
            _poolTail.Value = 0;

        _recordNext[record] = 0;
        return record;
    }

    /// <summary>list_add_tail() into the pool.</summary>
    protected void AppendToPool(int record)
    {
        // The kernel leaves the old page and address in the record; nobody reads them, so equal states are kept equal.
        _recordPage[record] = 0;
        _recordVirtual[record] = 0;
        _recordNext[record] = 0;
        if (_poolTail.Value == 0)
            _poolHead.Value = record + 1;
        else
            _recordNext[_poolTail.Value - 1] = record + 1;

        _poolTail.Value = record + 1;
    }

    /// <summary>BUG_ON(): the task dies here, with whatever locks it holds.</summary>
    protected void BugOn(bool condition, string code)
    {
        if (condition)
            Kernel.Bug(code);
    }

    /// <summary>The numbers of the chains, by index.</summary>
    internal int ChainNumber(int bucket) => _buckets[bucket].Number;

    /// <summary>How many chains this machine has.</summary>
    internal int ChainCount => _buckets.Length;

    /// <summary>The chain of a page, for a look from outside.</summary>
    internal int ChainOf(Page page) => PageSlot(page);

    /// <summary>The first link of a chain, for a look from outside: 1 + a record, or 0.</summary>
    internal int FirstIn(int bucket) => _buckets[bucket].First.Peek;

    /// <summary>The first link of the pool, for a look from outside.</summary>
    internal int FirstInPool => _poolHead.Peek;

    /// <summary>The link behind a record, for a look from outside.</summary>
    internal int NextOf(int record) => _recordNext.Peek(record);

    /// <summary>What a record says, for a look from outside.</summary>
    internal (Page Page, VirtualAddress Address) RecordAt(int record) =>
        (new Page(_recordPage.Peek(record) - 1), new VirtualAddress((uint)_recordVirtual.Peek(record)));

    /// <summary>struct page_address_slot: one hash chain and its lock.</summary>
    private readonly struct Bucket(IKernelBoot<TKernel> boot, int number, SpinLock<TKernel> spinLock)
    {
        internal Bucket(IKernelBoot<TKernel> boot, int number)
            : this(boot, number, SpinLock<TKernel>.Create(boot, $"page_address_htable[{number}].lock", LockRank.Inner))
        {
        }

        internal SpinLock<TKernel> Lock { get; } = spinLock;

        internal Shared<TKernel> First { get; } = Shared<TKernel>.Create(
            boot, $"page_address_htable[{number}]", spinLock.Number, WordSort.Record);

        internal int Number { get; } = number;
    }
}
