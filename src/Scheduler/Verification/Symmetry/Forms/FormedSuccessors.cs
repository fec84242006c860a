using System.Numerics;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>
/// Finds the hash of the form in which a search keeps a successor, and brings it into that form only when it is new.
/// </summary>
/// <remarks>
/// <para>
/// Nearly all successors are known already, so nearly none is renamed and rewritten: what that would add to the hash is
/// found word by word (<see cref="RenamedHashes"/>, <see cref="OrderedRecords"/>).
/// </para>
/// <para>
/// What could make it lie. A look that is out of date sorts tasks into another order, which is one that they may have:
/// that costs states, and no verdict. A hash that is not that of the form makes a state pass for another one, which is
/// then never expanded. So every successor that is new is brought into form for real, and its hash compared; and one of
/// some hundred successors, new or not, is performed as well, by code that knows nothing of this, and everything
/// compared that the search keeps of it. One thread, one object.
/// </para>
/// </remarks>
internal sealed class FormedSuccessors : ISuccessorForms
{
    private const int ContextsMax = 32; // With more, each successor is renamed at once: to lay out parts takes n^2.

    private readonly MachineImage _image;
    private readonly StateHasher _hasher;
    private readonly DerivedSuccessors _derived;
    private readonly TaskSymmetry? _symmetry;
    private readonly IReducedSearch _search;
    private readonly PartLayout? _layout;
    private readonly TaskParts? _tasks;
    private readonly RenamedHashes? _renamed;
    private readonly OrderedRecords? _records;
    private readonly int[] _form; // The memory of a successor that is being brought into form.
    private readonly int[] _stacks; // Of the state that is being expanded.
    private readonly UInt128[] _sums; // Over what belongs to each task of that,
    private readonly UInt128[] _sumsThen; // and of the successor where they differ,
    private readonly int[] _parts; // and the numbers of these parts;
    private readonly int[] _partsThen; // and those of the successor.
    private readonly WordRole[] _roles;
    private readonly int[] _sharedWords; // Words that several tasks move.
    private UInt128 _sum; // Over the words of records of the state that is being expanded.
    private bool _hasParts; // All of them are known.
    private int _shared; // How many words of that which several tasks move are not 0,
    private int _sharedThen; // and how many of the successor.

    /// <param name="image">What is searched.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="derived">Who knows what successors change.</param>
    /// <param name="stacks">What stacks add to hashes.</param>
    /// <param name="symmetry">How like tasks are sorted; null if they are told apart.</param>
    /// <param name="search">Who renumbers records.</param>
    /// <param name="hidden">Words that are taken for ones that no renaming touches, which is wrong.</param>
    internal FormedSuccessors(
        MachineImage image,
        StateHasher hasher,
        DerivedSuccessors derived,
        StackHashes stacks,
        TaskSymmetry? symmetry,
        IReducedSearch search,
        MemoryRegion? hidden = null)
    {
        _image = image;
        _hasher = hasher;
        _derived = derived;
        _symmetry = symmetry;
        _search = search;
        _records = search.Records.Length > 0 ? new OrderedRecords(image, search, hasher) : null;
        if (symmetry is not null && image.Contexts <= ContextsMax)
        {
            _layout = new PartLayout(image, symmetry, _records, hidden);
            _tasks = new TaskParts(image, hasher, symmetry, stacks, _layout);
            _renamed = new RenamedHashes(image, hasher, symmetry, stacks, _layout, _tasks, _records);
        }

        _form = new int[image.Memory.Length];
        _stacks = new int[image.Contexts];
        _sharedWords = [.. Enumerable.Range(0, image.StackBase).Where(word => _layout?.IsShared(word) ?? false)];
        _roles = [.. Enumerable.Range(0, image.Memory.Length).Select(RoleOf)];
        _sums = new UInt128[image.Contexts];
        _sumsThen = new UInt128[image.Contexts];
        _parts = new int[image.Contexts];
        _partsThen = new int[image.Contexts];
    }

    /// <summary>The successors of another state are asked for.</summary>
    internal void Begin(Successors expanded, int[] memory)
    {
        expanded.Stacks.CopyTo(_stacks, 0);
        _sum = _records?.SumOf(expanded.Memory) ?? UInt128.Zero;
        if (_symmetry is null)
            return;

        _symmetry.Look(memory, expanded.Stacks, expanded.Looks);
        if (_layout is null)
            return;

        _hasParts = true;
        _shared = 0;
        foreach (int word in _sharedWords)
            _shared += memory[word] != 0 ? 1 : 0;

        for (int task = 0; task < _parts.Length; task++)
        {
            if (_layout.FirstOf[task] < 0)
                continue;

            _sums[task] = _tasks!.SumOf(task, memory, _stacks[task]);
            _parts[task] = _tasks.NumberOf(_sums[task], task, memory, _stacks[task]);
            _hasParts &= _parts[task] != TaskParts.Unknown;
        }
    }

    /// <summary>Finds the hash of the form of a successor; true if tasks are renamed.</summary>
    /// <param name="successor">The successor, as its step leaves it.</param>
    /// <param name="expanded">The state that is being expanded.</param>
    /// <param name="memory">Memory of that state, which is left as it was.</param>
    internal bool Form(Successor successor, Successors expanded, int[] memory)
    {
        _derived.KeepChangedWords(successor, expanded);
        successor.IsUnformed = true;
        UInt128 sum = Enter(successor, memory, out ulong seen, out ulong changed);
        bool isRenamed = _symmetry is not null && _symmetry.Order(memory, _stacks, expanded.Looks, seen);
        successor.IsRenamed = isRenamed;
        UInt128 growth = UInt128.Zero;
        bool isKnown = true;
        if (isRenamed)
        {
            _symmetry!.NewNames.CopyTo(successor.NewNames, 0);
            isKnown = _renamed is { IsOrderly: true } && _sharedThen == 0 && FindParts(memory, changed);
            if (isKnown)
                growth = _renamed!.Growth(_symmetry.NewNames, memory, _stacks, _partsThen, ref sum);
        }

        if (_records is not null && isKnown)
            growth += _records.TryFind(sum, out UInt128 known) ? known : Order(sum, successor, expanded);

        Leave(successor, expanded, memory);
        successor.Hash = isKnown ? successor.Hash + growth : BringIntoForm(successor, expanded);
        return isRenamed;
    }

    /// <inheritdoc/>
    public void WriteOut(Successor successor, Successors waiting)
    {
        UInt128 hash = BringIntoForm(successor, waiting);
        if (hash != successor.Hash)
        {
            throw StepMemoException.Differs(
                $"the form of the state after step {successor.Transition}", "the state has another hash");
        }
    }

    /// <summary>Makes of the state that is being expanded the successor; yields the sum over its records.</summary>
    /// <param name="successor">The successor.</param>
    /// <param name="memory">Memory of the state, and then of the successor.</param>
    /// <param name="seen">At whom one may see the difference.</param>
    /// <param name="changed">Whose part may be another one: its sum is found, too.</param>
    private UInt128 Enter(Successor successor, int[] memory, out ulong seen, out ulong changed)
    {
        ReadOnlySpan<int> words = successor.ChangedWords;
        ReadOnlySpan<int> values = successor.ChangedValues;
        WordRole[] roles = _roles;
        int context = successor.Changed;
        ulong seenThen = 1UL << context;
        changed = seenThen;
        HashSum part = default;
        HashSum records = default;
        _sharedThen = _shared;
        for (int i = 0; i < words.Length && i < values.Length; i++)
        {
            int word = words[i];
            WordRole role = roles[word];
            (int before, int after) = (memory[word], values[i]);
            memory[word] = after;
            seenThen |= role.Seen;
            if (role.Owner == context)
                _tasks!.AddChange(ref part, context, word, role, before, after);
            else if (role.Owner == WordRole.Record)
                records.Add(_hasher.Keys[word], (long)after - before);
            else if (role.Owner != WordRole.Nobody)
                changed |= EnterOther(word, role, changed, before, after);
        }

        int stack = _stacks[context];
        _stacks[context] = successor.Stack;
        seen = seenThen;
        if (_tasks is not null && _layout!.FirstOf[context] >= 0)
        {
            _tasks.AddStack(ref part, context, stack, successor.Stack);
            part.Add(_sums[context]);
            _sumsThen[context] = part.Value;
        }

        return _sum + records.Value;
    }

    /// <summary>A word changes of another task, or one that several tasks move; yields whose it is.</summary>
    private ulong EnterOther(int word, WordRole role, ulong changed, int before, int after)
    {
        if (role.Owner == WordRole.Several)
        {
            _sharedThen += (after != 0 ? 1 : 0) - (before != 0 ? 1 : 0);
            return 0;
        }

        ulong owner = 1UL << role.Owner;
        HashSum sum = default;
        sum.Add((changed & owner) == 0 ? _sums[role.Owner] : _sumsThen[role.Owner]);
        _tasks!.AddChange(ref sum, role.Owner, word, role, before, after);
        _sumsThen[role.Owner] = sum.Value;
        return owner;
    }

    /// <summary>Finds the parts of the successor; false if there is no place for one.</summary>
    private bool FindParts(int[] memory, ulong changed)
    {
        _parts.CopyTo(_partsThen, 0);
        bool isKnown = _hasParts;
        for (; changed != 0; changed &= changed - 1)
        {
            int task = BitOperations.TrailingZeroCount(changed);
            if (_layout!.FirstOf[task] < 0)
                continue;

            _partsThen[task] = _tasks!.NumberOf(_sumsThen[task], task, memory, _stacks[task]);
            isKnown &= _partsThen[task] != TaskParts.Unknown;
        }

        return isKnown;
    }

    private WordRole RoleOf(int word)
    {
        ulong seen = _symmetry?.WhereSeen(word) ?? 0;
        bool isState = word < _image.StackBase;
        int owner = _records is not null && _records.Contains(word) ? WordRole.Record
            : _layout is not null && isState ? _layout.OwnerOf(word)
            : WordRole.Nobody;
        return owner < 0
            ? new WordRole(seen, owner, 0, NameSort.None)
            : new WordRole(seen, owner, _layout!.SlotOf(word), _layout.SortOf(word));
    }

    private void Leave(Successor successor, Successors expanded, int[] memory)
    {
        foreach (int word in successor.ChangedWords)
            memory[word] = expanded.Memory[word];

        _stacks[successor.Changed] = expanded.Stacks[successor.Changed];
    }

    /// <summary>Renumbers the records of a successor as it is not known of any; yields what that adds.</summary>
    private UInt128 Order(UInt128 sum, Successor successor, Successors expanded)
    {
        Rename(successor, expanded);
        return _records!.Order(sum, _form);
    }

    private void Rename(Successor successor, Successors waiting)
    {
        successor.WriteTo(_form, waiting.Memory);
        _derived.WriteStack(successor, _form);
        if (_symmetry is null)
            return;

        successor.TakeStacks(waiting.Stacks, successor.Stack);
        if (successor.IsRenamed)
            _symmetry.Rename(_symmetry.RenamingOf(successor.NewNames), _form, successor.Stacks);
    }

    private UInt128 BringIntoForm(Successor successor, Successors waiting)
    {
        successor.IsUnformed = false;
        Rename(successor, waiting);
        _search.Canonicalize(_form);
        UInt128 hash = _hasher.Next(waiting.FullHash, waiting.Memory, _form);
        successor.KeepChanges(_hasher.ChangedWords, _hasher.ChangedValues);
        return hash;
    }
}
