using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>ZONE_HIGHMEM of the page allocator: one page at a time, the lowest free one.</summary>
/// <remarks>
/// Free pages are a bit set, so that the order in which they came back does not make different states.
/// </remarks>
[KernelObject]
public sealed partial class HighmemZone<TKernel>
    where TKernel : struct, IKernel
{
    private const int BitsPerWord = 32;

    private readonly SpinLock<TKernel> _lock;
    private readonly SharedArray<TKernel> _free;
    private readonly TKernel _kernel;

    /// <summary>A zone of the pages from <paramref name="first"/> up to <paramref name="pages"/>-1, all free.</summary>
    public HighmemZone(IKernelBoot<TKernel> boot, int first, int pages)
    {
        ArgumentNullException.ThrowIfNull(boot);
        _kernel = boot.Kernel;
        _lock = SpinLock<TKernel>.Create(boot, "zone->lock", LockRank.Inner);
        _free = SharedArray<TKernel>.Create(boot, "zone->free", (pages + BitsPerWord - 1) / BitsPerWord, _lock.Number);
        for (int page = first; page < pages; page++)
            _free[page / BitsPerWord] |= 1 << (page % BitsPerWord);

        boot.DeclareFree(frame => frame.Number >= first && frame.Number < pages && IsFree(frame.Number));
    }

    /// <summary>alloc_page(GFP_HIGHUSER): a free page, or none if all are in use.</summary>
    public async KernelTask<Page> AllocPage()
    {
        int flags = await _lock.AcquireIrqSave();
        Page page = TakeLowest();
        await _lock.ReleaseIrqRestore(flags);
        return page;
    }

    /// <summary>__free_page().</summary>
    public async KernelTask FreePage(Page page)
    {
        int flags = await _lock.AcquireIrqSave();
        ref int word = ref _free[page.Number / BitsPerWord];
        int bit = 1 << (page.Number % BitsPerWord);
        if ((word & bit) != 0)
            _kernel.Fail(FailureClass.UseAfterFree, $"free_page of {page}, which is free already");

        word |= bit;
        await _lock.ReleaseIrqRestore(flags);
    }

    private bool IsFree(int page) => (_free.Peek(page / BitsPerWord) & (1 << (page % BitsPerWord))) != 0;

    private Page TakeLowest()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            ref int word = ref _free[i];
            if (word == 0)
                continue;

            int bit = System.Numerics.BitOperations.TrailingZeroCount(word);
            word &= ~(1 << bit);
            return new Page((i * BitsPerWord) + bit);
        }

        return Page.None;
    }
}
