using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>
/// Which words of memory belong to one of several like tasks, and go with it when it gets another name.
/// </summary>
/// <remarks>
/// A word belongs to a task if it moves when that task alone gets another number, and when no other one does. What two
/// tasks move (a task's count of another one's page) belongs to nobody, nor does what belongs to records.
/// </remarks>
internal sealed class PartLayout
{
    private readonly MachineImage _image;
    private readonly int[] _owners; // By word,
    private readonly int[] _movers; // and the same for words of records, too.
    private readonly int[] _slots; // By word: where the first task of the group has it.
    private readonly int[] _places; // By slot and task.
    private readonly NameSort[] _sorts; // By word.
    private readonly int[] _ownerOfPage;
    private readonly int[] _pagesEach; // By task.

    internal PartLayout(MachineImage image, TaskSymmetry symmetry, OrderedRecords? records, MemoryRegion? hidden)
    {
        _image = image;
        Words = image.StackBase;
        _movers = new int[Words];
        _slots = new int[Words];
        _places = new int[Words * image.Contexts];
        _sorts = new NameSort[Words];
        _ownerOfPage = new int[image.Mmu.Frames];
        FirstOf = [.. Enumerable.Repeat(WordRole.Nobody, image.Contexts)];
        Array.Fill(_movers, WordRole.Nobody);
        Array.Fill(_ownerOfPage, WordRole.Nobody);
        foreach (int word in symmetry.Renamer.ContextWords)
            _sorts[word] = NameSort.Context;

        foreach (int word in symmetry.Renamer.FrameWords)
            _sorts[word] = NameSort.Frame;

        _pagesEach = new int[image.Contexts];
        foreach (TaskGroup group in image.Hints.Interchangeable)
            AddGroup(group, symmetry);

        if (hidden is not null)
        {
            _movers.AsSpan(hidden.Start, hidden.Length).Fill(WordRole.Nobody);
            _sorts.AsSpan(hidden.Start, hidden.Length).Clear();
        }

        _owners = [.. _movers];
        foreach (int word in records?.Words ?? [])
            _owners[word] = WordRole.Nobody;
    }

    /// <summary>The number of words of a state, the hashes of its stacks left out.</summary>
    internal int Words { get; }

    /// <summary>For each task the first one of its group; -1 for who has no like.</summary>
    internal int[] FirstOf { get; }

    /// <summary>The task to which a word belongs; below 0 if to none.</summary>
    internal int OwnerOf(int word) => _owners[word];

    /// <summary>Where the first task of the group has a word that belongs to one of it.</summary>
    internal int SlotOf(int word) => _slots[word];

    /// <summary>Whether several tasks move a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsShared(int word) => _movers[word] == WordRole.Several;

    /// <summary>Where a word that belongs to a task is when that has the name of another one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PlaceOf(int word, int task) => _places[(_slots[word] * _image.Contexts) + task];

    /// <summary>Where a word is that at most one task moves, when tasks have new names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PlaceAfter(int[] names, int word)
    {
        int mover = (uint)word < (uint)_movers.Length ? _movers[word] : WordRole.Nobody;
        return mover < 0 ? word : PlaceOf(word, names[mover]);
    }

    /// <summary>What a word that is not 0 becomes when tasks have new names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Renamed(int[] names, int word, int value)
    {
        NameSort sort = _sorts[word];
        if (sort == NameSort.None)
            return value;

        return sort == NameSort.Context ? names[value - 1] + 1 : PageAfter(names, value - 1) + 1;
    }

    /// <summary>What a page is called when tasks have new names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PageAfter(int[] names, int page)
    {
        int owner = (uint)page < (uint)_ownerOfPage.Length ? _ownerOfPage[page] : WordRole.Nobody;
        return owner < 0 ? page : page + ((names[owner] - owner) * _pagesEach[owner]);
    }

    /// <summary>What a word names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal NameSort SortOf(int word) => _sorts[word];

    /// <summary>Whose name a value of a word is; -1 if it is no name that may change.</summary>
    internal int NamedBy(int word, int value)
    {
        int[] owners = _sorts[word] == NameSort.Context ? FirstOf : _ownerOfPage;
        int number = value - 1;
        if (_sorts[word] == NameSort.None || (uint)number >= (uint)owners.Length || owners[number] == WordRole.Nobody)
            return WordRole.Nobody;

        return _sorts[word] == NameSort.Context ? number : owners[number];
    }

    /// <summary>The task that has a page; -1 if none has.</summary>
    internal int OwnerOfPage(int page) => _ownerOfPage[page];

    /// <summary>
    /// The value that a word has when the task to which it belongs, and which it names, has another name.
    /// </summary>
    internal int WithName(int word, int value, int task)
    {
        if (_sorts[word] == NameSort.Context)
            return task + 1;

        int owner = _ownerOfPage[value - 1];
        return value + ((task - owner) * _pagesEach[owner]);
    }

    private void AddGroup(TaskGroup group, TaskSymmetry symmetry)
    {
        for (int member = 0; member < group.Tasks; member++)
        {
            int task = group.FirstTask + member;
            FirstOf[task] = group.FirstTask;
            _pagesEach[task] = group.PagesEach;
            for (int page = 0; page < group.PagesEach; page++)
                _ownerOfPage[TaskLooks.PageOf(group, member, page)] = task;

            for (int other = 0; other < group.Tasks; other++)
            {
                if (other != member)
                    AddMoves(group.FirstTask, task, symmetry.MovesOf(task, group.FirstTask + other), other);
            }
        }
    }

    private void AddMoves(int first, int task, int[] moves, int other)
    {
        for (int i = 0; i < moves.Length; i += 2)
        {
            (int word, int place) = (moves[i], moves[i + 1]);
            _movers[word] = _movers[word] == WordRole.Nobody || _movers[word] == task ? task : WordRole.Several;
            if (task == first)
            {
                _slots[word] = word;
                _places[(word * _image.Contexts) + first] = word;
                _places[(word * _image.Contexts) + first + other] = place;
            }
            else if (other == 0)
            {
                _slots[word] = place;
            }
        }
    }
}

/// <summary>What a word may name.</summary>
internal enum NameSort : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A context.</summary>
    Context,

    /// <summary>A page frame.</summary>
    Frame,
}
