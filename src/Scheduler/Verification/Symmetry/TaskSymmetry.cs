using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;

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
    private readonly RenamedStacks _renamed;
    private readonly NumberedRenamings _pageRenamings = new();
    private readonly NumberedRenamings _taskRenamings = new();
    private readonly List<Renaming> _renamings = [];
    private readonly TaskLooks _seen;
    private readonly int[] _tasks; // The new number of each context: its own, but while somebody gives others.
    private readonly ulong[] _looks;
    private readonly int[] _order;
    private readonly int[] _oldStacks;

    internal TaskSymmetry(MachineImage image, FrameCache frames)
    {
        _image = image;
        _frames = frames;
        Renamer = new StateRenamer(image);
        _renamed = new RenamedStacks(frames, image.Mmu.Frames);
        _seen = new TaskLooks(image, frames, _renamed, _pageRenamings);
        _tasks = [.. Enumerable.Range(0, image.Contexts)];
        NewNames = [.. _tasks];
        _looks = new ulong[image.Contexts];
        _order = new int[image.Contexts];
        _oldStacks = new int[image.Contexts];
        Swaps = image.Hints.Interchangeable.Sum(group => Math.Max(0, group.Tasks - 1));
    }

    /// <summary>How words of memory are renamed.</summary>
    internal StateRenamer Renamer { get; }

    /// <summary>What each like task of a state looks like.</summary>
    internal void Look(int[] memory, int[] stacks, ulong[] looks) => _seen.Of(memory, stacks, looks);

    /// <summary>
    /// Sorts like tasks in the state of a machine; true if that changed the state. <paramref name="stacks"/> are the
    /// numbers of the stacks.
    /// </summary>
    internal bool Canonicalize(Machine machine, int[] stacks)
    {
        _seen.Of(machine.Memory, stacks, _looks);
        if (!Sort())
            return false;

        Rename(RenamingOf(NewNames), machine.Memory, stacks);
        for (int context = 0; context < stacks.Length; context++)
        {
            if (stacks[context] != _oldStacks[context])
                machine.RestoreStack(context, _frames[stacks[context]]);
        }

        return true;
    }

    /// <inheritdoc cref="TaskLooks.WhereSeen"/>
    internal ulong WhereSeen(int word) => _seen.WhereSeen(word);

    /// <summary>
    /// Whether sorting like tasks in a state that no machine need be in would rename some: to <see cref="NewNames"/>.
    /// </summary>
    /// <param name="memory">The memory of the state.</param>
    /// <param name="stacks">The numbers of its stacks.</param>
    /// <param name="before">What tasks looked like in the state that it comes from.</param>
    /// <param name="changed">At whom it may be seen that it is another one.</param>
    internal bool Order(int[] memory, int[] stacks, ulong[] before, ulong changed)
    {
        _seen.After(memory, stacks, before, changed, _looks);
        return Sort();
    }

    /// <summary>The new number of each context, if sorting has changed something.</summary>
    internal int[] NewNames { get; }

    /// <summary>A renaming, by the new number of each context.</summary>
    internal Renaming RenamingOf(int[] names)
    {
        int number = _taskRenamings.NumberOf(names);
        if (number == _renamings.Count)
        {
            int[] pages = PagesOf(names);
            int[] moves = Renamer.MovesFor(names, pages);
            _renamings.Add(new Renaming(number, [.. names], pages, _pageRenamings.NumberOf(pages), moves));
        }

        return _renamings[number];
    }

    /// <summary>Renames like tasks in a state, with the hashes of their stacks in its memory.</summary>
    internal void Rename(Renaming renaming, int[] memory, int[] stacks)
    {
        RenameWords(renaming, memory, stacks);
        for (int context = 0; context < stacks.Length; context++)
        {
            if (stacks[context] != _oldStacks[context])
                Machine.RememberStack(_image, memory, context, _frames.HashOf(stacks[context]));
        }
    }

    /// <summary>What a stack becomes by a renaming.</summary>
    internal int Renamed(int stack, Renaming renaming) => _renamed.Of(stack, renaming.Pages, renaming.PagesNumber);

    /// <inheritdoc cref="RenamedStacks.TryFindPage"/>
    internal bool TryFindPage(int stack, out int page) => _renamed.TryFindPage(stack, out page);

    /// <summary>Exchanges two neighbours of a group in a state: the names alone, nothing is sorted.</summary>
    /// <param name="swap">Which pair of neighbours, below <see cref="Swaps"/>.</param>
    /// <param name="memory">The memory of the state.</param>
    /// <param name="stacks">The numbers of its stacks.</param>
    internal void Swap(int swap, int[] memory, int[] stacks)
    {
        RenameWords(NameAfter(swap), memory, stacks);
    }

    /// <summary>Where each word of memory is after two neighbours were exchanged.</summary>
    internal int[] PlacesAfter(int swap)
    {
        Renaming renaming = NameAfter(swap);
        return Renamer.PlacesAfter(renaming.Tasks, renaming.Moves);
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

    private void RenameWords(Renaming renaming, int[] memory, int[] stacks)
    {
        Renamer.Rename(memory, renaming.Tasks, renaming.Pages, renaming.Moves);
        stacks.CopyTo(_oldStacks, 0);
        for (int context = 0; context < stacks.Length; context++)
            stacks[renaming.Tasks[context]] = Renamed(_oldStacks[context], renaming);
    }

    /// <summary>The renaming that exchanges two tasks.</summary>
    internal Renaming Exchange(int task, int other)
    {
        (_tasks[task], _tasks[other]) = (other, task);
        Renaming renaming = RenamingOf(_tasks);
        (_tasks[task], _tasks[other]) = (task, other);
        return renaming;
    }

    /// <summary>The words that move when a task gets the number of another one, and nobody else gets any.</summary>
    internal int[] MovesOf(int task, int other)
    {
        _tasks[task] = other;
        int[] moves = Renamer.MovesFor(_tasks, PagesOf(_tasks));
        _tasks[task] = task;
        return moves;
    }

    private Renaming NameAfter(int swap)
    {
        (TaskGroup group, int member) = SwapOf(swap);
        return Exchange(group.FirstTask + member, group.FirstTask + member + 1);
    }

    // Pages go with the tasks that have them, so who renames tasks in one way renames pages in one way.
    private int[] PagesOf(int[] names)
    {
        int[] pages = [.. Enumerable.Range(0, _image.Mmu.Frames)];
        foreach (TaskGroup group in _image.Hints.Interchangeable)
        {
            for (int member = 0; member < group.Tasks; member++)
            {
                int place = names[group.FirstTask + member] - group.FirstTask;
                for (int page = 0; page < group.PagesEach; page++)
                    pages[TaskLooks.PageOf(group, member, page)] = TaskLooks.PageOf(group, place, page);
            }
        }

        return pages;
    }

    private bool Sort()
    {
        bool isSorted = true;
        foreach (TaskGroup group in _image.Hints.Interchangeable)
            isSorted &= SortGroup(group);

        return !isSorted;
    }

    /// <summary>Finds the place of each member of a group; true if all have theirs already.</summary>
    private bool SortGroup(TaskGroup group)
    {
        ReadOnlySpan<ulong> looks = _looks.AsSpan(group.FirstTask, group.Tasks);
        Span<int> order = _order.AsSpan(0, group.Tasks);
        for (int i = 0; i < order.Length; i++)
            order[i] = i;

        // Insertion sort: few elements, nearly sorted, and stable.
        bool isSorted = true;
        for (int i = 1; i < looks.Length; i++)
        {
            ulong moving = looks[i];
            int at = i;
            for (; at > 0 && looks[order[at - 1]] > moving; at--)
                order[at] = order[at - 1];

            isSorted &= at == i;
            order[at] = i;
        }

        for (int place = 0; place < order.Length; place++)
            NewNames[group.FirstTask + order[place]] = group.FirstTask + place;

        return isSorted;
    }
}
