using System.Numerics;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>
/// All that belongs to one of several like tasks in a state, as a number: the same for whichever of them it is.
/// </summary>
/// <remarks>
/// There are few different parts, and what one adds to the hash of a state, if its task has some name, is a constant.
/// A part is known by a sum over its words as the first task of the group would have them, of as many bits as the hash
/// of states has. Names of others, which may change for themselves, are in it as they are, and a part says that it has
/// some. One thread, one object.
/// </remarks>
internal sealed class TaskParts(
    MachineImage image, StateHasher hasher, TaskSymmetry symmetry, StackHashes stacks, PartLayout layout)
{
    /// <summary>The number of a part for which there is no place.</summary>
    internal const int Unknown = 0;

    private const int PartsMax = 1 << 15;
    private const int FlagBits = 3; // Below the number proper.
    private const int ForeignNames = 1;
    private const int LooseStack = 2;
    private const int NamingOperation = 4;
    private const long Foreign = 1L << 32; // Tells somebody else's name from that of the first task.

    private readonly int[][] _words = WordsOf(image, layout, _ => true);
    private readonly int[][] _naming = WordsOf(image, layout, word => layout.SortOf(word) != NameSort.None);
    private readonly int[][] _plain = WordsOf(image, layout, word => layout.SortOf(word) == NameSort.None);
    private readonly int[][] _plainSlots =
    [
        .. WordsOf(image, layout, word => layout.SortOf(word) == NameSort.None)
            .Select(words => words.Select(layout.SlotOf).ToArray()),
    ];
    private Place[] _numbers = new Place[1024]; // Open addressing, a power of two, at most half full.
    private UInt128[] _hashes = new UInt128[256 * image.Contexts]; // By part and task.
    private long[] _stacks = []; // By stack and task: what is counted for it, plus 1; 0 for those not known yet.
    private int _count = 1;

    /// <summary>The sum over the words of a task.</summary>
    internal UInt128 SumOf(int task, int[] memory, int stack)
    {
        HashSum sum = default;
        ReadOnlySpan<UInt128> keys = hasher.Keys;
        int[] words = _plain[task];
        int[] slots = _plainSlots[task];
        for (int i = 0; i < words.Length && i < slots.Length; i++)
            sum.Add(keys[slots[i]], memory[words[i]]);

        foreach (int word in _naming[task])
        {
            if (memory[word] != 0)
                sum.Add(keys[layout.SlotOf(word)], Neutral(task, word, memory[word]));
        }

        AddStack(ref sum, task, 0, stack);
        return sum.Value;
    }

    /// <summary>Adds what the sum of a task grows by when a word changes that belongs to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AddChange(ref HashSum sum, int task, int word, WordRole role, int before, int after)
    {
        long growth = role.Sort == NameSort.None
            ? (long)after - before
            : Neutral(task, word, after) - Neutral(task, word, before);
        sum.Add(hasher.Keys[role.Slot], growth);
    }

    /// <summary>Adds what the sum of a task grows by when it goes from one stack to another.</summary>
    internal void AddStack(ref HashSum sum, int task, int before, int after) => sum.Add(
        hasher.Keys[image.StackBase + (layout.FirstOf[task] * MachineBuilder.StackHashWords)],
        NeutralStack(task, after) - NeutralStack(task, before));

    /// <summary>
    /// The number of the part that a task has in a state, by its sum; <see cref="Unknown"/> if it has none.
    /// </summary>
    internal int NumberOf(UInt128 sum, int task, int[] memory, int stack)
    {
        ref Place place = ref PlaceOf(sum);
        return place.Number != 0 ? place.Number : Add(sum, task, memory, stack);
    }

    /// <summary>What a part adds to the hash of a state if its task has some name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UInt128 HashOf(int part, int task) => _hashes[((part >> FlagBits) * image.Contexts) + task];

    /// <summary>Whether there is more to rename in a part than that its task has another name.</summary>
    internal static bool IsSpecial(int part) => (part & ((1 << FlagBits) - 1)) != 0;

    /// <summary>Whether words of a part name other tasks, or their pages.</summary>
    internal static bool NamesOthers(int part) => (part & ForeignNames) != 0;

    /// <summary>Whether the stack of a part does: then it is not counted in <see cref="HashOf"/>.</summary>
    internal static bool HasLooseStack(int part) => (part & LooseStack) != 0;

    /// <summary>Whether the operation of a part names something: that is counted as it is.</summary>
    internal static bool NamesByOperation(int part) => (part & NamingOperation) != 0;

    /// <summary>The words that belong to a task.</summary>
    internal ReadOnlySpan<int> WordsOf(int task) => _words[task];

    private static int[][] WordsOf(MachineImage image, PartLayout layout, Func<int, bool> areMeant) =>
    [
        .. Enumerable.Range(0, image.Contexts)
            .Select(task => Enumerable.Range(0, layout.Words).Where(word => layout.OwnerOf(word) == task))
            .Select(words => words.Where(areMeant).ToArray()),
    ];

    /// <summary>Whether the operation in front of which a context stands names something that may be renamed.</summary>
    internal static bool NamesByOperation(int[] memory, int context)
    {
        OperationRow row = OperationTable.Of(TaskTable.PendingIn(memory, context).Kind);
        return row.Argument != OperandSort.Number
            || row.Second != OperandSort.Number
            || row.Target == OperationTarget.Word;
    }

    private long Neutral(int task, int word, int value)
    {
        int named = layout.NamedBy(word, value);
        return named < 0 ? value
            : named == task ? layout.WithName(word, value, layout.FirstOf[task])
            : value + Foreign;
    }

    private long NeutralStack(int task, int stack)
    {
        int index = (stack * image.Contexts) + task;
        if (index >= _stacks.Length)
            Array.Resize(ref _stacks, Math.Max((stack + 1) * image.Contexts, _stacks.Length * 2));

        if (_stacks[index] == 0)
            _stacks[index] = 1 + (IsLoose(task, stack) ? stack + Foreign : NamedAs(task, stack, layout.FirstOf[task]));

        return _stacks[index] - 1;
    }

    private bool IsLoose(int task, int stack)
    {
        if (!symmetry.TryFindPage(stack, out int page))
            return true;

        int owner = page < 0 ? -1 : layout.OwnerOfPage(page);
        return owner >= 0 && owner != task;
    }

    private int NamedAs(int task, int stack, int name) =>
        name == task ? stack : symmetry.Renamed(stack, symmetry.Exchange(task, name));

    private int Add(UInt128 sum, int task, int[] memory, int stack)
    {
        if (_count == PartsMax)
            return Unknown;

        if (_count * image.Contexts >= _hashes.Length)
            Array.Resize(ref _hashes, _hashes.Length * 2);

        bool namesOthers = false;
        foreach (int word in _words[task])
            namesOthers |= layout.NamedBy(word, memory[word]) is >= 0 and int named && named != task;

        bool isLoose = IsLoose(task, stack);
        int number = (_count << FlagBits) | (namesOthers ? ForeignNames : 0) | (isLoose ? LooseStack : 0)
            | (NamesByOperation(memory, task) ? NamingOperation : 0);
        for (int name = 0; name < image.Contexts; name++)
        {
            if (layout.FirstOf[name] == layout.FirstOf[task])
                _hashes[(_count * image.Contexts) + name] = HashAs(task, name, memory, isLoose ? -1 : stack);
        }

        if (_count >= _numbers.Length / 2)
            Grow();

        PlaceOf(sum) = new Place(sum, number);
        _count++;
        return number;
    }

    private UInt128 HashAs(int task, int name, int[] memory, int stack)
    {
        HashSum sum = default;
        foreach (int word in _words[task])
        {
            int value = memory[word];
            if (layout.NamedBy(word, value) == task)
                value = layout.WithName(word, value, name);

            sum.Add(hasher.Keys[layout.PlaceOf(word, name)], value);
        }

        if (stack >= 0)
            sum.Add(stacks.Of(NamedAs(task, stack, name), name));

        return sum.Value;
    }

    private void Grow()
    {
        Place[] old = _numbers;
        _numbers = new Place[old.Length * 2];
        foreach (Place place in old)
        {
            if (place.Number != 0)
                PlaceOf(place.Sum) = place;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Place PlaceOf(UInt128 sum)
    {
        Place[] places = _numbers;
        int mask = places.Length - 1;
        int at = (int)BitOperations.RotateLeft((ulong)(sum >> 64), 20) & mask;
        while (places[at].Number != 0 && places[at].Sum != sum)
            at = (at + 1) & mask;

        return ref places[at];
    }

    private readonly record struct Place(UInt128 Sum, int Number);
}
