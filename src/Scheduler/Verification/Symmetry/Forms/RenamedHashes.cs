using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>By how much the hash of a state grows when tasks are renamed, without renaming them.</summary>
/// <remarks>
/// The hash is a sum over words. What belongs to a task (<see cref="TaskParts"/>) adds a constant under each name; the
/// other words are few, and only those are looked at that a renaming (<see cref="StateRenamer"/>) moves or changes. One
/// thread, one object.
/// </remarks>
internal sealed class RenamedHashes
{
    private readonly MachineImage _image;
    private readonly StateHasher _hasher;
    private readonly TaskSymmetry _symmetry;
    private readonly StackHashes _stacks;
    private readonly PartLayout _layout;
    private readonly TaskParts _parts;
    private readonly int[] _names; // Words that belong to nobody and may hold a name,
    private readonly int[] _records; // and those of records.
    private readonly int[] _strangers; // Contexts that have no like.

    internal RenamedHashes(
        MachineImage image,
        StateHasher hasher,
        TaskSymmetry symmetry,
        StackHashes stacks,
        PartLayout layout,
        TaskParts parts,
        OrderedRecords? records)
    {
        _image = image;
        _hasher = hasher;
        _symmetry = symmetry;
        _stacks = stacks;
        _layout = layout;
        _parts = parts;
        _records = records is null ? [] : [.. records.Words];
        int[] others = [.. Enumerable.Range(0, layout.Words).Where(word => layout.OwnerOf(word) < 0).Except(_records)];
        _names = [.. others.Where(word => layout.SortOf(word) != NameSort.None)];
        _strangers = [.. Enumerable.Range(0, image.Contexts).Where(context => layout.FirstOf[context] < 0)];

        // Rows of contexts are renamed in one piece, and so are queues, which do not move.
        int[] queues = [.. image.QueueAddresses.SelectMany(queue => Enumerable.Range(queue, image.Tasks.Count + 1))];
        IsOrderly = Array.TrueForAll(_records, word => word >= image.Contexts * TaskTable.Stride)
            && Array.TrueForAll(queues, word => layout.OwnerOf(word) < 0 && layout.SortOf(word) == NameSort.None)
            && !queues.Intersect(_records).Any();
    }

    /// <summary>Words are where this can follow them.</summary>
    internal bool IsOrderly { get; }

    /// <summary>What a renaming adds to the hash of a state.</summary>
    /// <param name="names">The new number of each context.</param>
    /// <param name="memory">The memory of the state, in which words that several tasks move are 0.</param>
    /// <param name="stacks">The numbers of its stacks.</param>
    /// <param name="parts">The numbers of what belongs to each task.</param>
    /// <param name="records">The sum over the words of records, which becomes that after the renaming.</param>
    internal UInt128 Growth(int[] names, int[] memory, int[] stacks, int[] parts, ref UInt128 records)
    {
        HashSum sum = default;
        for (int context = 0; context < parts.Length; context++)
        {
            int part = parts[context];
            int name = names[context];
            if (name != context)
                sum.Add(_parts.HashOf(part, name), less: _parts.HashOf(part, context));

            if (TaskParts.IsSpecial(part))
                AddSpecial(ref sum, names, memory, stacks, context, part);
        }

        foreach (int context in _strangers)
        {
            AddStack(ref sum, names, stacks[context], context);
            if (TaskParts.NamesByOperation(memory, context))
                AddOperation(ref sum, names, memory, context);
        }

        foreach (int word in _names)
        {
            if (memory[word] != 0)
                AddName(ref sum, names, word, memory[word]);
        }

        foreach (int queue in _image.QueueAddresses)
            AddQueue(ref sum, names, memory, queue);

        UInt128 growth = GrowthOfRecords(names, memory);
        records += growth;
        return sum.Value + growth;
    }

    private UInt128 GrowthOfRecords(int[] names, int[] memory)
    {
        HashSum sum = default;
        ReadOnlySpan<UInt128> keys = _hasher.Keys;
        foreach (int word in _records)
        {
            int value = memory[word];
            if (value == 0)
                continue;

            int place = _layout.PlaceAfter(names, word);
            int renamed = _layout.Renamed(names, word, value);
            if (place == word && renamed == value)
                continue;

            sum.Add(keys[place], renamed);
            sum.Add(keys[word], -(long)value);
        }

        return sum.Value;
    }

    private void AddSpecial(ref HashSum sum, int[] names, int[] memory, int[] stacks, int task, int part)
    {
        if (TaskParts.NamesOthers(part))
            AddNamesOfOthers(ref sum, names, memory, task);

        if (TaskParts.HasLooseStack(part))
            AddStack(ref sum, names, stacks[task], task);

        if (TaskParts.NamesByOperation(part))
            AddOperation(ref sum, names, memory, task);
    }

    private void AddName(ref HashSum sum, int[] names, int word, int value)
    {
        int renamed = _layout.Renamed(names, word, value);
        if (renamed != value)
            sum.Add(_hasher.Keys[_layout.PlaceAfter(names, word)], (long)renamed - value);
    }

    private void AddNamesOfOthers(ref HashSum sum, int[] names, int[] memory, int task)
    {
        foreach (int word in _parts.WordsOf(task))
        {
            if (_layout.NamedBy(word, memory[word]) is >= 0 and int named && named != task)
                AddName(ref sum, names, word, memory[word]);
        }
    }

    private void AddStack(ref HashSum sum, int[] names, int stack, int context)
    {
        int renamed = _symmetry.Renamed(stack, _symmetry.RenamingOf(names));
        int name = names[context];
        if (name != context || renamed != stack)
            sum.Add(_stacks.Of(renamed, name), less: _stacks.Of(stack, context));
    }

    private void AddQueue(ref HashSum sum, int[] names, int[] memory, int queue)
    {
        for (int word = queue + 1; word <= queue + memory[queue]; word++)
        {
            int renamed = WaitQueueTable.Renamed(memory[word], names);
            if (renamed != memory[word])
                sum.Add(_hasher.Keys[_layout.PlaceAfter(names, word)], (long)renamed - memory[word]);
        }
    }

    private void AddOperation(ref HashSum sum, int[] names, int[] memory, int context)
    {
        Operation operation = TaskTable.PendingIn(memory, context);
        OperationRow row = OperationTable.Of(operation.Kind);
        (int at, _) = TaskTable.PendingAddresses(context).GetOffsetAndLength(memory.Length);
        if (row.Target == OperationTarget.Word)
            AddGrowth(ref sum, names, at, TargetAfter(names, operation.Target) - operation.Target);

        AddOperand(ref sum, names, at + 1, row.Argument, operation.Argument);
        AddOperand(ref sum, names, at + 2, row.Second, operation.Second);
    }

    private int TargetAfter(int[] names, int target)
    {
        if (target >= _layout.Words || !_layout.IsShared(target))
            return _layout.PlaceAfter(names, target);

        int[] moves = _symmetry.RenamingOf(names).Moves;
        for (int i = 0; i < moves.Length; i += 2)
        {
            if (moves[i] == target)
                return moves[i + 1];
        }

        return target;
    }

    private void AddOperand(ref HashSum sum, int[] names, int word, OperandSort sort, int value)
    {
        if (sort == OperandSort.Number)
            return;

        int page = sort == OperandSort.Mark ? value - 1 : value;
        AddGrowth(ref sum, names, word, _layout.PageAfter(names, page) - page);
    }

    private void AddGrowth(ref HashSum sum, int[] names, int word, int growth)
    {
        if (growth != 0)
            sum.Add(_hasher.Keys[_layout.PlaceAfter(names, word)], growth);
    }
}
