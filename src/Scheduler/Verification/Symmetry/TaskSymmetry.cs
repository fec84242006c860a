using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>
/// Takes states that differ only in which of several like tasks, with the pages it has for itself, is in which
/// situation for the same.
/// </summary>
/// <remarks>
/// Scalarsets of N. Ip and D. Dill, "Better Verification Through Symmetry", 1996. Every state is replaced by one in
/// which like tasks are sorted by what they look like, their own names left out. Tasks that look alike keep their
/// order: should they differ after all, two states stand where one could, which costs states and nothing else. One
/// thread, one object.
/// </remarks>
internal sealed class TaskSymmetry
{
    private readonly MachineImage _image;
    private readonly FrameCache _frames;
    private readonly StateRenamer _renamer;
    private readonly RenamedStacks _renamed;
    private readonly NumberedRenamings _pageRenamings = new();
    private readonly NumberedRenamings _taskRenamings = new();
    private readonly List<int> _pagesOf = []; // For each renaming of tasks that of their pages.
    private readonly TaskLooks _seen;
    private readonly int[] _tasks; // The new number of each context.
    private readonly int[] _pages; // The new number of each page frame.
    private readonly ulong[] _looks;
    private readonly int[] _order;
    private readonly int[] _oldStacks;

    internal TaskSymmetry(MachineImage image, FrameCache frames)
    {
        _image = image;
        _frames = frames;
        _renamer = new StateRenamer(image);
        _renamed = new RenamedStacks(frames, image.Mmu.Frames);
        _seen = new TaskLooks(image, frames, _renamed, _pageRenamings);
        _tasks = new int[image.Contexts];
        _pages = new int[image.Mmu.Frames];
        _looks = new ulong[image.Contexts];
        _order = new int[image.Contexts];
        _oldStacks = new int[image.Contexts];
        Swaps = image.Hints.Interchangeable.Sum(group => Math.Max(0, group.Tasks - 1));
    }

    /// <summary>The new number of each context, after sorting has changed something.</summary>
    internal ReadOnlySpan<int> Names => _tasks;

    /// <summary>The number of that renaming, here.</summary>
    internal int Renaming { get; private set; }

    /// <summary>What each like task of a state looks like.</summary>
    internal void Look(int[] memory, int[] stacks, ulong[] looks) => _seen.Of(memory, stacks, looks);

    /// <summary>
    /// Sorts like tasks in the state of a machine; true if that changed the state. <paramref name="stacks"/> are the
    /// numbers of the stacks.
    /// </summary>
    internal bool Canonicalize(Machine machine, int[] stacks)
    {
        _seen.Of(machine.Memory, stacks, _looks);
        if (!Sort(machine.Memory, stacks))
            return false;

        for (int context = 0; context < stacks.Length; context++)
        {
            if (stacks[context] != _oldStacks[context])
                machine.RestoreStack(context, _frames[stacks[context]]);
        }

        return true;
    }

    /// <summary>
    /// Sorts like tasks in a state that no machine need be in; true if that changed the state.
    /// </summary>
    /// <param name="memory">The memory of the state.</param>
    /// <param name="stacks">The numbers of its stacks.</param>
    /// <param name="before">What tasks looked like in the state that it comes from.</param>
    /// <param name="changedWords">In which words it differs from that.</param>
    internal bool Canonicalize(int[] memory, int[] stacks, ulong[] before, ReadOnlySpan<int> changedWords)
    {
        _seen.After(memory, stacks, before, changedWords, _looks);
        return Sort(memory, stacks);
    }

    /// <summary>Exchanges two neighbours of a group in a state: the names alone, nothing is sorted.</summary>
    /// <param name="swap">Which pair of neighbours, below <see cref="Swaps"/>.</param>
    /// <param name="memory">The memory of the state.</param>
    /// <param name="stacks">The numbers of its stacks.</param>
    internal void Swap(int swap, int[] memory, int[] stacks)
    {
        Name(swap);
        Rename(memory, stacks);
    }

    /// <summary>Where each word of memory is after two neighbours were exchanged.</summary>
    internal int[] PlacesAfter(int swap)
    {
        Name(swap);
        return _renamer.PlacesAfter(_tasks, _pages);
    }

    /// <summary>Number of pairs of neighbours: exchanging them one after the other makes every renaming.</summary>
    internal int Swaps { get; }

    /// <summary>What a context is called after two neighbours were exchanged.</summary>
    internal int AfterSwap(int swap, int context)
    {
        (TaskGroup group, int member) = SwapOf(swap);
        int task = group.FirstTask + member;
        return context == task ? task + 1 : context == task + 1 ? task : context;
    }

    private (TaskGroup Group, int Member) SwapOf(int swap)
    {
        foreach (TaskGroup group in _image.Hints.Interchangeable)
        {
            if (swap < group.Tasks - 1)
                return (group, swap);

            swap -= Math.Max(0, group.Tasks - 1);
        }

        throw new ArgumentOutOfRangeException(nameof(swap));
    }

    private void Rename(int[] memory, int[] stacks)
    {
        // Pages go with the tasks that have them, so who renames tasks in one way renames pages in one way.
        Renaming = _taskRenamings.NumberOf(_tasks);
        if (Renaming == _pagesOf.Count)
            _pagesOf.Add(_pageRenamings.NumberOf(_pages));

        int pages = _pagesOf[Renaming];
        _renamer.Rename(memory, _tasks, _pages, Renaming);
        stacks.CopyTo(_oldStacks, 0);
        for (int context = 0; context < stacks.Length; context++)
            stacks[_tasks[context]] = _renamed.Of(_oldStacks[context], _pages, pages);
    }

    private void Name(int swap)
    {
        Identity();
        (TaskGroup group, int member) = SwapOf(swap);
        TaskLooks.Exchange(group, member, member + 1, _pages);
        int task = group.FirstTask + member;
        (_tasks[task], _tasks[task + 1]) = (task + 1, task);
    }

    private void Identity()
    {
        for (int i = 0; i < _tasks.Length; i++)
            _tasks[i] = i;

        for (int i = 0; i < _pages.Length; i++)
            _pages[i] = i;
    }

    private bool Sort(int[] memory, int[] stacks)
    {
        Identity();
        bool hasChanged = false;
        foreach (TaskGroup group in _image.Hints.Interchangeable)
            hasChanged |= SortGroup(group);

        if (!hasChanged)
            return false;

        Rename(memory, stacks);
        for (int context = 0; context < stacks.Length; context++)
        {
            if (stacks[context] != _oldStacks[context])
                Machine.RememberStack(_image, memory, context, _frames[stacks[context]]);
        }

        return true;
    }

    private bool SortGroup(TaskGroup group)
    {
        ReadOnlySpan<ulong> looks = _looks.AsSpan(group.FirstTask, group.Tasks);
        for (int i = 0; i < group.Tasks; i++)
            _order[i] = i;

        // Insertion sort: few elements, nearly sorted, and stable.
        bool isSorted = true;
        for (int i = 1; i < group.Tasks; i++)
        {
            int moving = _order[i];
            int at = i;
            for (; at > 0 && looks[_order[at - 1]] > looks[moving]; at--)
                _order[at] = _order[at - 1];

            isSorted &= at == i;
            _order[at] = moving;
        }

        for (int place = 0; place < group.Tasks; place++)
        {
            _tasks[group.FirstTask + _order[place]] = group.FirstTask + place;
            for (int page = 0; page < group.PagesEach; page++)
                _pages[TaskLooks.PageOf(group, _order[place], page)] = TaskLooks.PageOf(group, place, page);
        }

        return !isSorted;
    }
}
