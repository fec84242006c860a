using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>The successors of one state, kept until it is known which of them are new.</summary>
/// <remarks>
/// A look into the table of visited states waits for memory. So the successors of one state are looked up together, and
/// only after the next state has been expanded, while the processor fetches what the look-ups will need.
/// </remarks>
internal sealed class Successors(int words, int contexts)
{
    private Successor[] _items = [];

    /// <summary>The number of the state.</summary>
    internal int Parent { get; private set; }

    /// <summary>Part of the hash of the state.</summary>
    internal ulong ParentHash => (ulong)FullHash;

    /// <summary>The hash of the state.</summary>
    internal UInt128 FullHash { get; private set; }

    /// <summary>The memory of the state.</summary>
    internal int[] Memory { get; } = new int[words];

    /// <summary>The numbers of the state's stacks.</summary>
    internal int[] Stacks { get; } = new int[contexts];

    /// <summary>The state's stacks.</summary>
    internal Frame?[] Tops { get; } = new Frame?[contexts];

    /// <summary>What each of the state's like tasks looks like (<see cref="Symmetry.TaskSymmetry"/>).</summary>
    internal ulong[] Looks { get; } = new ulong[contexts];

    internal int Count { get; private set; }

    internal Successor this[int index] => _items[index];

    /// <summary>Forgets the successors of another state.</summary>
    internal void Begin(int parent, UInt128 hash)
    {
        Parent = parent;
        FullHash = hash;
        Count = 0;
    }

    internal void Clear() => Count = 0;

    /// <summary>A place for one more.</summary>
    internal Successor Next()
    {
        if (Count == _items.Length)
            _items = [.. _items, new Successor(words, contexts)];

        return _items[Count++];
    }
}

/// <summary>A state that one transition leads to.</summary>
internal sealed class Successor(int words, int contexts)
{
    private readonly int[] _words = new int[words];
    private readonly int[] _values = new int[words];
    private int _changes;

    internal Transition Transition { get; set; }

    internal UInt128 Hash { get; set; }

    /// <summary>The context whose stack the transition changed.</summary>
    internal int Changed { get; set; }

    /// <summary>
    /// The recorded step that leads here, as long as what it changes is not written down; 0 if it is.
    /// </summary>
    internal int Step { get; set; }

    /// <summary>
    /// The hash is that of the form in which the search keeps the state, and what it changes is written down as the
    /// transition left it.
    /// </summary>
    internal bool IsUnformed { get; set; }

    /// <summary>The successor is known by a recorded step, and not because it was performed.</summary>
    internal bool IsDerived { get; set; }

    /// <summary>
    /// That stack, which no store keeps yet; null if the context has ended, or all stacks have changed.
    /// </summary>
    internal Frame? Top { get; set; }

    /// <summary>The number of that stack, if the successor was derived.</summary>
    internal int Stack { get; set; }

    /// <summary>
    /// The transition has changed the names of tasks, so that all stacks may be others: <see cref="Stacks"/>.
    /// </summary>
    internal bool HasOwnStacks { get; set; }

    internal int[] Stacks { get; } = new int[contexts];

    /// <summary>
    /// Takes the stacks of the state that it comes from for its own, but for that of the context that has changed its.
    /// </summary>
    internal void TakeStacks(int[] stacks, int changed)
    {
        stacks.CopyTo(Stacks, 0);
        Stacks[Changed] = changed;
        Top = null;
        HasOwnStacks = true;
    }

    /// <summary>The transition finished an operation.</summary>
    internal bool IsProgress { get; set; }

    /// <summary>Tasks are renamed after the transition, if the successor was derived.</summary>
    internal bool IsRenamed { get; set; }

    /// <summary>The new number of each context then.</summary>
    internal int[] NewNames { get; } = new int[contexts];

    /// <summary>The renaming of tasks that came after the transition; 0 for none.</summary>
    internal int Names { get; set; }

    /// <summary>The number of the state; -1 if it was not known when it was looked up.</summary>
    internal int Number { get; set; }

    /// <summary>The words in which it differs from the state it comes from.</summary>
    internal ReadOnlySpan<int> ChangedWords => _words.AsSpan(0, _changes);

    /// <summary>The values that it has there.</summary>
    internal ReadOnlySpan<int> ChangedValues => _values.AsSpan(0, _changes);

    /// <summary>Keeps in which words of memory it differs from the state it comes from, and how.</summary>
    internal void KeepChanges(ReadOnlySpan<int> words, ReadOnlySpan<int> values)
    {
        words.CopyTo(_words);
        values.CopyTo(_values);
        _changes = words.Length;
    }

    /// <summary>Keeps, of as many words as can change, the first that somebody else writes down there.</summary>
    internal void KeepChanges(int changes) => _changes = changes;

    /// <summary>Where the words that change can be written down.</summary>
    internal Span<int> WordsToKeep => _words;

    /// <summary>Where their values can be.</summary>
    internal Span<int> ValuesToKeep => _values;

    /// <summary>Writes its memory; <paramref name="before"/> is that of the state that it comes from.</summary>
    internal void WriteTo(int[] memory, int[] before)
    {
        before.CopyTo(memory, 0);
        Apply(memory);
    }

    /// <summary>Makes of the state that it comes from the state that it is.</summary>
    internal void Apply(int[] memory)
    {
        for (int i = 0; i < _changes; i++)
            memory[_words[i]] = _values[i];
    }
}
