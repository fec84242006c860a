using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator.Bookkeeping;

/// <summary>How often each task has each page mapped.</summary>
/// <remarks>
/// <para>
/// A word for each task and page, as long as that is not much; such words can be renamed with their tasks and pages,
/// which proofs want. With thousands of tasks it is a short row of pages for each task.
/// </para>
/// <para>
/// A mapping may change hands, so others change what a task has while it maps. Each change is of one word, in one
/// piece: on threads a use that got lost would be told as a failure of correct code.
/// </para>
/// </remarks>
[KernelObject]
internal sealed partial class UseCounts<TKernel>
    where TKernel : struct, IKernel
{
    private const int DenseWordsMax = 1 << 16;
    private const int RowWords = 16; // Page plus 1, and how often.
    private const int TimesBits = 8;
    private const int TimesMask = (1 << TimesBits) - 1;

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
            _isDense ? tasks * pages : tasks * RowWords,
            Protection.None,
            index: _isDense ? IndexSort.TaskAndFrame : IndexSort.None,
            role: RegionRole.Bookkeeping);
    }

    /// <summary>How often a task has a page mapped.</summary>
    internal int Of(int task, int page)
    {
        if (_isDense)
            return _words.Peek((task * _pages) + page);

        int index = FindInRow(task, page);
        return index < 0 ? 0 : _words.Peek(index) & TimesMask;
    }

    /// <summary>A task has a page mapped once more.</summary>
    internal void Add(int task, int page)
    {
        bool isAdded;
        do
        {
            int index = _isDense ? (task * _pages) + page : PlaceInRow(task, page);
            int old = _words.Peek(index);
            isAdded = _isDense || old == 0 || IsOf(old, page);
            if (isAdded)
            {
                CheckTimes(task, old);
                isAdded = _words.ChangeAccount(index, old, old + 1 + (_isDense || old != 0 ? 0 : MarkOf(page))) == old;
            }
        }
        while (!isAdded);
    }

    /// <summary>A task has a page mapped once less; false if it has not mapped it.</summary>
    internal bool TryTake(int task, int page)
    {
        while (true)
        {
            int index = _isDense ? (task * _pages) + page : FindInRow(task, page);
            int old = index < 0 ? 0 : _words.Peek(index);
            if (old == 0)
                return false;

            bool isMine = _isDense || IsOf(old, page); // A row may have got another page meanwhile.
            bool isLast = !_isDense && (old & TimesMask) == 1;
            if (isMine && _words.ChangeAccount(index, old, isLast ? 0 : old - 1) == old)
                return true;
        }
    }

    /// <summary>The first page that a task has mapped; -1 if it has none. For a look from outside the kernel.</summary>
    internal int FirstOf(int task)
    {
        if (_isDense)
            return _words.PeekNonZero(task * _pages, _pages);

        int first = _words.PeekNonZero(RowOf(task), RowWords);
        return first < 0 ? -1 : (_words.Peek(RowOf(task) + first) >> TimesBits) - 1;
    }

    private static int RowOf(int task) => task * RowWords;

    private static int MarkOf(int page) => (page + 1) << TimesBits;

    private static bool IsOf(int word, int page) => word >> TimesBits == page + 1;

    private int FindInRow(int task, int page)
    {
        for (int index = RowOf(task); index < RowOf(task + 1); index++)
        {
            if (IsOf(_words.Peek(index), page))
                return index;
        }

        return -1;
    }

    private int PlaceInRow(int task, int page)
    {
        if (FindInRow(task, page) is var known and >= 0)
            return known;

        for (int index = RowOf(task); index < RowOf(task + 1); index++)
        {
            if (_words.Peek(index) == 0)
                return index;
        }

        throw new UsageException(
            $"task {task} has {RowWords} pages mapped and maps another one: with so many tasks and pages that is not "
            + "counted; take fewer of either");
    }

    private void CheckTimes(int task, int word)
    {
        if (!_isDense && (word & TimesMask) == TimesMask)
            throw new UsageException(
                $"task {task} has one page mapped {TimesMask} times and maps it again: with so many tasks and pages "
                + "that is not counted; take fewer of either");
    }
}
