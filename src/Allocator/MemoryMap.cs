using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>mem_map: which pages there are, which of them are high memory, and where the others are mapped for ever.</summary>
[KernelObject]
public sealed class MemoryMap
{
    /// <summary>PA_HASH_ORDER: the page address table has 2^7 buckets.</summary>
    public const int HashBits = 7;

    private const uint GoldenRatioPrime = 0x9e37_0001; // include/linux/hash.h, 32 bits.
    private const uint MapStart = 0xc100_0000;
    private const uint StructPageSize = 32;
    private const uint PageOffset = 0xc000_0000;

    private readonly VirtualAddress[] _lowAddresses;
    private readonly uint[] _pointers;

    /// <summary>Pages with given addresses of their struct page, and of those that are low memory; high ones have NULL.</summary>
    public MemoryMap(IReadOnlyList<uint> pointers, IReadOnlyList<VirtualAddress> lowAddresses)
    {
        ArgumentNullException.ThrowIfNull(pointers);
        ArgumentNullException.ThrowIfNull(lowAddresses);
        _pointers = [.. pointers];
        _lowAddresses = [.. lowAddresses];
    }

    /// <summary>Number of pages.</summary>
    public int Count => _pointers.Length;

    /// <summary>Pages of which the first <paramref name="low"/> are low memory.</summary>
    public static MemoryMap Create(int pages, int low = 0) => new(
        [.. Enumerable.Range(0, pages).Select(page => MapStart + ((uint)page * StructPageSize))],
        [.. Enumerable.Range(0, pages).Select(page => page < low
            ? new VirtualAddress(PageOffset + ((uint)page << PkmapLayout.PageShift))
            : VirtualAddress.Null)]);

    /// <summary>PageHighMem(page).</summary>
    public bool IsHighmem(Page page) => _lowAddresses[page.Number].IsNull;

    /// <summary>lowmem_page_address(page).</summary>
    public VirtualAddress LowmemAddress(Page page) => _lowAddresses[page.Number];

    /// <summary>hash_ptr(page, PA_HASH_ORDER).</summary>
    public int Hash(Page page) => (int)(unchecked(_pointers[page.Number] * GoldenRatioPrime) >> (32 - HashBits));
}
