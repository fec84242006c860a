using System.Diagnostics.CodeAnalysis;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>
/// mem_map: which pages there are, which of them are high memory, and where the others are mapped for ever.
/// </summary>
[KernelObject]
public sealed class MemoryMap
{
    /// <summary>PA_HASH_ORDER: the page address table has 2^7 buckets.</summary>
    public const int HashBits = 7;

    /// <summary>PAGE_OFFSET: where low memory is mapped for ever.</summary>
    public const uint PageOffset = 0xc000_0000;

    /// <summary>
    /// Low memory ends at 896 MiB on i386; the frame with this number is the first that is always high memory.
    /// </summary>
    public const int LowFramesMax = 896 << (20 - PkmapLayout.PageShift);

    private const uint GoldenRatioPrime = 0x9e37_0001; // include/linux/hash.h, 32 bits.
    private const uint MapStart = 0xc100_0000;
    private const uint StructPageSize = 32;

    private readonly int _low;
    private readonly VirtualAddress[]? _lowAddresses; // Null: the first _low pages, where i386 maps them.
    private readonly uint[]? _pointers; // Null: one array from MapStart.

    /// <summary>
    /// Pages with given addresses of their struct page, and of those that are low memory; high ones have NULL.
    /// </summary>
    public MemoryMap(IReadOnlyList<uint> pointers, IReadOnlyList<VirtualAddress> lowAddresses)
        : this(lowAddresses)
    {
        ArgumentNullException.ThrowIfNull(pointers);
        _pointers = [.. pointers];
    }

    /// <summary>Pages with given addresses of those that are low memory; high ones have NULL.</summary>
    public MemoryMap(IReadOnlyList<VirtualAddress> lowAddresses)
    {
        ArgumentNullException.ThrowIfNull(lowAddresses);
        _lowAddresses = [.. lowAddresses];
        Count = _lowAddresses.Length;
    }

    private MemoryMap(int count, int low)
    {
        Count = count;
        _low = low;
    }

    /// <summary>Number of pages.</summary>
    public int Count { get; }

    /// <summary>Pages of which the first <paramref name="low"/> are low memory.</summary>
    public static MemoryMap Create(int pages, int low = 0) => new(pages, low);

    /// <summary>Refuses a page that there is not, in the name of the function that was called with it.</summary>
    internal void Require(Page page, string function)
    {
        if ((uint)page.Number >= (uint)Count)
            ThrowNoSuchPage(page, function);
    }

    [DoesNotReturn]
    private void ThrowNoSuchPage(Page page, string function) =>
        throw new UsageException(
            page.IsNone
                ? $"{function}() of no page: there is no page {page.Number}"
                : $"{function}() of page {page.Number}: page {page.Number} does not exist: the scenario has {Count} "
                    + $"{(Count == 1 ? "page" : "pages")}");

    /// <summary>Whether an address is that of a page of low memory.</summary>
    internal bool IsLowmemAddress(VirtualAddress address)
    {
        VirtualAddress start = Fixmap.PageOf(address);
        if (_lowAddresses is not null)
            return !start.IsNull && Array.IndexOf(_lowAddresses, start) >= 0;

        return start.Value >= PageOffset && (start.Value - PageOffset) >> PkmapLayout.PageShift < (uint)_low;
    }

    /// <summary>PageHighMem(page).</summary>
    public bool IsHighmem(Page page) => _lowAddresses is null ? page.Number >= _low : _lowAddresses[page.Number].IsNull;

    /// <summary>lowmem_page_address(page).</summary>
    public VirtualAddress LowmemAddress(Page page) => _lowAddresses is null
        ? new VirtualAddress(PageOffset + ((uint)page.Number << PkmapLayout.PageShift))
        : _lowAddresses[page.Number];

    /// <summary>
    /// virt_to_page(): arithmetic only, so the answer is wrong for whatever is no address of low memory.
    /// </summary>
    public static Page VirtToPage(VirtualAddress address) =>
        new((int)((address.Value - PageOffset) >> PkmapLayout.PageShift));

    /// <summary>hash_ptr(page, PA_HASH_ORDER).</summary>
    public int Hash(Page page) => HashPointer(PointerOf(page));

    /// <summary>The address of the page's struct page.</summary>
    public uint PointerOf(Page page) => _pointers?[page.Number] ?? MapStart + ((uint)page.Number * StructPageSize);

    /// <summary>hash_ptr() of a 32-bit pointer.</summary>
    public static int HashPointer(uint pointer) => (int)(unchecked(pointer * GoldenRatioPrime) >> (32 - HashBits));
}
