using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator.Memory;

/// <summary>What fills, clears and copies pages that are mapped: clear_page, copy_page, memset.</summary>
/// <remarks>Of a page's 4096 bytes the machine keeps the first four, as one word.</remarks>
[KernelObject]
internal sealed partial class PageContents<TKernel>(TKernel kernel)
    where TKernel : struct, IKernel
{
    private const int PageSize = 1 << PkmapLayout.PageShift;
    private const int BitsPerByte = 8;

    /// <summary>Whether a range reaches beyond the end of a page.</summary>
    internal static bool IsOutOfRange(int offset, int size) => (uint)offset + (ulong)(uint)size > PageSize;

    /// <summary>clear_page().</summary>
    internal KernelStep Clear(VirtualAddress address, PageFrame page) => kernel.Store(address, page, 0);

    /// <summary>memset() to 0 of a part of a page.</summary>
    internal async KernelTask Clear(VirtualAddress address, PageFrame page, int offset, int size)
    {
        if (size == 0)
            return;

        // Also what is outside the word is reached through the address, so that the machine sees where it leads.
        uint cleared = Word(offset, size);
        int contents = cleared == uint.MaxValue ? 0 : await kernel.Load(address, page);
        if (cleared != 0)
            await kernel.Store(address, page, contents & (int)~cleared);
    }

    /// <summary>copy_page().</summary>
    internal async KernelTask Copy(VirtualAddress toAddress, PageFrame to, VirtualAddress fromAddress, PageFrame from)
    {
        int contents = await kernel.Load(fromAddress, from);
        await kernel.Store(toAddress, to, contents);
    }

    // The bits of the word that lie in a range of bytes.
    private static uint Word(int offset, int size)
    {
        int first = Math.Min(offset, sizeof(uint));
        int bytes = Math.Min(offset + size, sizeof(uint)) - first;
        ulong bits = (1ul << (bytes * BitsPerByte)) - 1;
        return (uint)(bits << (first * BitsPerByte));
    }
}
