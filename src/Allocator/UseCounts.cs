using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>How often each task has each page mapped.</summary>
/// <remarks>
/// A word for each task and page, as long as that is not much; such words can be renamed with their tasks and pages,
/// which proofs want. With thousands of tasks it is a short row of pages for each task.
/// </remarks>
[KernelObject]
internal sealed class UseCounts<TKernel>
    where TKernel : struct, IKernel
{
    private const int DenseWordsMax = 1 << 16;
    private const int RowPairs = 16; // Page plus 1, and how often.

    private readonly SharedArray<TKernel> _words;
    private readonly int _pages;
    private readonly bool _isDense;

    internal UseCounts(IKernelBoot<TKernel> boot, int tasks, int pages)
    {
        _pages = pages;
        _isDense = (long)tasks * pages <= DenseWordsMax;
        _words = SharedArray<TKernel>.Create(
            boot,
            "uses",
            _isDense ? tasks * pages : tasks * RowPairs * 2,
            Protection.None,
            index: _isDense ? IndexSort.TaskAndFrame : IndexSort.None,
            role: RegionRole.Bookkeeping);
    }

    /// <summary>How often a task has a page mapped.</summary>
    internal int Of(int task, int page)
    {
        if (_isDense)
            return _words.Peek((task * _pages) + page);

        int pair = PairOf(task, page);
        return pair < 0 ? 0 : _words.Peek(pair + 1);
    }

    /// <summary>A task has a page mapped once more, or once less.</summary>
    internal void Add(int task, int page, int times)
    {
        if (_isDense)
            _words[(task * _pages) + page] += times;
        else
            _words[ClaimPair(task, page) + 1] += times;
    }

    /// <summary>The first page that a task has mapped; -1 if it has none. For a look from outside the kernel.</summary>
    internal int FirstOf(int task)
    {
        if (_isDense)
            return _words.PeekNonZero(task * _pages, _pages);

        for (int pair = RowOf(task); pair < RowOf(task + 1); pair += 2)
        {
            if (_words.Peek(pair + 1) != 0)
                return _words.Peek(pair) - 1;
        }

        return -1;
    }

    private static int RowOf(int task) => task * RowPairs * 2;

    private int PairOf(int task, int page)
    {
        for (int pair = RowOf(task); pair < RowOf(task + 1); pair += 2)
        {
            if (_words.Peek(pair) == page + 1)
                return pair;
        }

        return -1;
    }

    private int ClaimPair(int task, int page)
    {
        int known = PairOf(task, page);
        if (known >= 0)
            return known;

        for (int pair = RowOf(task); pair < RowOf(task + 1); pair += 2)
        {
            if (_words.Peek(pair + 1) != 0)
                continue;

            _words[pair] = page + 1;
            return pair;
        }

        throw new UsageException(
            $"task {task} has {RowPairs} pages mapped and maps another one: with so many tasks and pages that is not "
            + "counted; take fewer of either");
    }
}
