using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

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
    private ulong[] _asFirst = []; // Looks of stacks, by stack and task; 0 for those that are not known yet.
    private readonly int[] _tasks; // The new number of each context.
    private readonly int[] _pages; // The new number of each page frame.
    private readonly ulong[] _looks;
    private readonly int[] _order;
    private readonly int[] _oldStacks;
    private Seen? _seen;

    internal TaskSymmetry(MachineImage image, FrameCache frames)
    {
        _image = image;
        _frames = frames;
        _renamer = new StateRenamer(image);
        _renamed = new RenamedStacks(frames, image.Mmu.Frames);
        _tasks = new int[image.Contexts];
        _pages = new int[image.Mmu.Frames];
        _looks = new ulong[image.Contexts];
        _order = new int[image.Contexts];
        _oldStacks = new int[image.Contexts];
        Swaps = image.Hints.Interchangeable.Sum(group => Math.Max(0, group.Tasks - 1));
    }

    /// <summary>The new number of each context, after <see cref="Canonicalize"/> has changed something.</summary>
    internal ReadOnlySpan<int> Names => _tasks;

    /// <summary>
    /// Sorts like tasks in a state; true if that changed the state. <paramref name="stacks"/> are the numbers of the
    /// stacks.
    /// </summary>
    internal bool Canonicalize(Machine machine, int[] stacks)
    {
        Identity();
        if (_seen?.Memory != machine.Memory)
            _seen = new Seen(machine);

        bool hasChanged = false;
        foreach (TaskGroup group in _image.Hints.Interchangeable)
            hasChanged |= SortGroup(group, _seen, stacks);

        if (!hasChanged)
            return false;

        Rename(machine.Memory, stacks);
        for (int context = 0; context < stacks.Length; context++)
        {
            if (stacks[context] == _oldStacks[context])
                continue;

            machine.RestoreStack(context, _frames[stacks[context]]);
            machine.RememberStack(context);
        }

        return true;
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
        int tasks = _taskRenamings.NumberOf(_tasks);
        if (tasks == _pagesOf.Count)
            _pagesOf.Add(_pageRenamings.NumberOf(_pages));

        int pages = _pagesOf[tasks];
        _renamer.Rename(memory, _tasks, _pages, tasks);
        stacks.CopyTo(_oldStacks, 0);
        for (int context = 0; context < stacks.Length; context++)
            stacks[_tasks[context]] = _renamed.Of(_oldStacks[context], _pages, pages);
    }

    private void Name(int swap)
    {
        Identity();
        (TaskGroup group, int member) = SwapOf(swap);
        Exchange(group, member, member + 1, _pages);
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

    private bool SortGroup(TaskGroup group, Seen seen, int[] stacks)
    {
        for (int i = 0; i < group.Tasks; i++)
        {
            _looks[i] = LookOf(group, i, seen, stacks);
            _order[i] = i;
        }

        // Insertion sort: few elements, nearly sorted, and stable.
        bool isSorted = true;
        for (int i = 1; i < group.Tasks; i++)
        {
            int moving = _order[i];
            int at = i;
            for (; at > 0 && _looks[_order[at - 1]] > _looks[moving]; at--)
                _order[at] = _order[at - 1];

            isSorted &= at == i;
            _order[at] = moving;
        }

        for (int place = 0; place < group.Tasks; place++)
        {
            _tasks[group.FirstTask + _order[place]] = group.FirstTask + place;
            for (int page = 0; page < group.PagesEach; page++)
                _pages[PageOf(group, _order[place], page)] = PageOf(group, place, page);
        }

        return !isSorted;
    }

    private static int PageOf(TaskGroup group, int member, int page) =>
        group.FirstPage + (member * group.PagesEach) + page;

    /// <summary>What a member of a group looks like, without its number and those of its pages.</summary>
    private ulong LookOf(TaskGroup group, int member, Seen seen, int[] stacks)
    {
        int task = group.FirstTask + member;
        var look = new LookHash();
        look.Add(AsFirstMember(group, member, stacks[task]));
        TaskTable tasks = seen.Tasks;
        look.Add((int)tasks.State(task), ((int)tasks.Status(task) << 8) | (int)tasks.Operation(task));
        look.Add(tasks.PreemptCount(task), tasks.Locks(task));
        foreach (int queue in _image.QueueAddresses)
            look.Add(seen.Queues.PositionOf(queue, task), 0);

        int first = PageOf(group, member, 0);
        MmuTable mmu = seen.Mmu;
        int slots = mmu.Pages;
        for (int slot = 0; slot < slots; slot++)
        {
            look.Add(
                Relative(mmu.Entry(slot).Number, first, group.PagesEach),
                Relative(mmu.Cached(task, slot).Number, first, group.PagesEach));
        }

        for (int page = 0; page < group.PagesEach; page++)
            look.Add(mmu.Contents(first + page) == 0 ? 0 : 1, 0);

        return look.Value;
    }

    // Pages of other members look alike: they may be renamed as well.
    private static int Relative(int page, int first, int count) =>
        page < 0 ? -1
        : (uint)(page - first) < (uint)count ? page - first
        : count;

    /// <summary>A hash of a member's stack as it would be if the member were the first of its group.</summary>
    private ulong AsFirstMember(TaskGroup group, int member, int stack)
    {
        if (stack == 0)
            return 0;

        int index = (stack * _tasks.Length) + group.FirstTask + member;
        if (index >= _asFirst.Length)
            Array.Resize(ref _asFirst, Math.Max((stack + 1) * _tasks.Length, _asFirst.Length * 2));

        if (_asFirst[index] == 0)
            _asFirst[index] = LookOfStack(group, member, stack);

        return _asFirst[index];
    }

    private ulong LookOfStack(TaskGroup group, int member, int stack)
    {
        Span<int> names = stackalloc int[_pages.Length];
        for (int page = 0; page < names.Length; page++)
            names[page] = page;

        Exchange(group, 0, member, names);
        int renamed = _renamed.Of(stack, names, _pageRenamings.NumberOf(names));
        return (ulong)_frames[renamed]!.ContentHash();
    }

    private static void Exchange(TaskGroup group, int one, int other, Span<int> pages)
    {
        for (int page = 0; page < group.PagesEach; page++)
        {
            pages[PageOf(group, other, page)] = PageOf(group, one, page);
            pages[PageOf(group, one, page)] = PageOf(group, other, page);
        }
    }

    /// <summary>
    /// A machine's memory as somebody sees it who is part of no step: nothing is logged, and so it is fast.
    /// </summary>
    private sealed class Seen
    {
        internal Seen(Machine machine)
        {
            Memory = machine.Memory;
            Tasks = new TaskTable(Memory, machine.Tasks.Count, machine.Tasks.Contexts);
            Queues = new WaitQueueTable(Memory, Tasks);
            Mmu = new MmuTable(Memory, machine.Image.Mmu);
        }

        internal int[] Memory { get; }

        internal TaskTable Tasks { get; }

        internal WaitQueueTable Queues { get; }

        internal MmuTable Mmu { get; }
    }

    private struct LookHash
    {
        internal ulong Value { get; private set; }

        internal void Add(int part, int other) => Add(((ulong)(uint)part << 32) | (uint)other);

        internal void Add(ulong part)
        {
            ulong mixed = (Value ^ part) * 0x9E37_79B9_7F4A_7C15;
            Value = mixed ^ (mixed >> 29);
        }
    }
}
