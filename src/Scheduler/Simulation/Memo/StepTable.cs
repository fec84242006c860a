using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Recorded steps, found by the words that they have read.</summary>
/// <remarks>
/// <para>
/// A step is a function of the suspended stack that it resumes and of the words that it reads. So the steps of one
/// stack form a tree: the same stack always reads the same word first, and each value of it leads to one word that is
/// read next. Only words that tell recorded steps apart have nodes (a Patricia tree); a leaf has all words that its step
/// has read, with their values, and these alone decide whether it is the step.
/// </para>
/// <para>
/// A leaf is some ints in one array: the numbers of guards and writes, the next stack, what is counted, and pairs of
/// address and value for each guard, in the order of the reads, and for each write.
/// </para>
/// </remarks>
internal sealed class StepTable
{
    private const int HeaderInts = 4;

    private int[] _roots = new int[256]; // 0 for nothing, else a node, or a leaf negated.
    private int[] _otherRoots = new int[64]; // Of roots with numbers below 0.
    private Node[] _nodes = new Node[64];
    private int[] _leaves = new int[1024];
    private int _nodeCount = 1; // None has number 0, and no leaf begins there.
    private int _used = 1;

    /// <summary>The number of recorded steps.</summary>
    internal int Count { get; private set; }

    /// <summary>Bytes that the table takes.</summary>
    internal long Bytes =>
        ((long)_roots.Length * sizeof(int)) + ((long)_nodes.Length * Unsafe.SizeOf<Node>())
        + ((long)_leaves.Length * sizeof(int)) + _tableBytes;

    private long _tableBytes;

    /// <summary>The step from a root whose guards all hold; 0 if none is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(int root, int[] memory)
    {
        int[] roots = _roots;
        int at = (uint)root < (uint)roots.Length ? roots[root] : OtherRoot(root);
        Node[] nodes = _nodes;
        while (at > 0)
        {
            ref Node node = ref nodes[at];
            int value = memory[node.Address];
            at = value == node.Value0 ? node.Child0
                : value == node.Value1 ? node.Child1
                : node.Others is null ? 0
                : node.Others.GetValueOrDefault(value);
        }

        return at < 0 && Holds(-at, memory) ? -at : 0;
    }

    /// <summary>What a step has done besides writing.</summary>
    internal StepOutcome OutcomeOf(int leaf) => new(_leaves[leaf + 1], _leaves[leaf + 2], _leaves[leaf + 3]);

    /// <summary>The words that a step writes: address, value, address, value ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<int> WritesOf(int leaf)
    {
        int counts = _leaves[leaf];
        return _leaves.AsSpan(leaf + HeaderInts + (2 * (counts & 0xFFFF)), 2 * (counts >>> 16));
    }

    /// <summary>Adds the step that was just recorded.</summary>
    /// <exception cref="StepMemoException">
    /// It has read the same as another one, and yet gone another way: something that decides what it does is not logged.
    /// </exception>
    internal void Add(int root, TouchLog log, int[] memory, in StepOutcome outcome)
    {
        int leaf = AddLeaf(log, memory, outcome);
        if (leaf == 0)
            return; // Too long to be kept.

        ref int slot = ref root >= 0 ? ref PlaceIn(ref _roots, root) : ref PlaceIn(ref _otherRoots, ~root);
        if (slot == 0)
        {
            slot = -leaf;
            return;
        }

        int other = AnyBelow(slot, leaf);
        int depth = FirstDifference(other, leaf);
        while (slot > 0 && _nodes[slot].Depth < depth)
            slot = ref SlotOf(slot, GuardValue(leaf, _nodes[slot].Depth));

        if (slot > 0 && _nodes[slot].Depth == depth)
        {
            AddChild(slot, GuardValue(leaf, depth), -leaf);
            return;
        }

        int below = slot;
        slot = _nodeCount; // The next line may move the nodes, but not what slot refers to before it is set.
        AddNode(GuardAddress(leaf, depth), depth, (GuardValue(other, depth), below), (GuardValue(leaf, depth), -leaf));
    }

    private int OtherRoot(int root) => root < 0 && ~root < _otherRoots.Length ? _otherRoots[~root] : 0;

    private static ref int PlaceIn(ref int[] roots, int root)
    {
        while (root >= roots.Length)
            Array.Resize(ref roots, roots.Length * 2);

        return ref roots[root];
    }

    private bool Holds(int leaf, int[] memory)
    {
        ref int at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_leaves), leaf);
        int guards = at & 0xFFFF;
        at = ref Unsafe.Add(ref at, HeaderInts);
        int differences = 0;
        for (; guards > 0; guards--)
        {
            differences |= memory[at] ^ Unsafe.Add(ref at, 1);
            at = ref Unsafe.Add(ref at, 2);
        }

        return differences == 0;
    }

    private int AddLeaf(TouchLog log, int[] memory, in StepOutcome outcome)
    {
        int guards = 0;
        int writes = 0;
        ReadOnlySpan<int> addresses = log.Addresses;
        for (int i = 0; i < addresses.Length; i++)
        {
            guards += log.IsBlind[i] ? 0 : 1;
            writes += IsWritten(log, i, memory) ? 1 : 0;
        }

        if (guards > ushort.MaxValue || writes > short.MaxValue)
            return 0;

        int leaf = _used;
        _used += HeaderInts + (2 * (guards + writes));
        while (_used > _leaves.Length)
            Array.Resize(ref _leaves, _leaves.Length * 2);

        _leaves[leaf] = guards | (writes << 16);
        (_leaves[leaf + 1], _leaves[leaf + 2], _leaves[leaf + 3]) = (outcome.Stack, outcome.Progress, outcome.Counts);
        int guard = leaf + HeaderInts;
        int write = guard + (2 * guards);
        for (int i = 0; i < addresses.Length; i++)
        {
            if (!log.IsBlind[i])
                (_leaves[guard++], _leaves[guard++]) = (addresses[i], log.Before[i]);

            if (IsWritten(log, i, memory))
                (_leaves[write++], _leaves[write++]) = (addresses[i], memory[addresses[i]]);
        }

        Count++;
        return leaf;
    }

    // What was overwritten blindly is stored always, as it may have been anything before.
    private static bool IsWritten(TouchLog log, int touch, int[] memory) =>
        log.IsBlind[touch] || memory[log.Addresses[touch]] != log.Before[touch];

    /// <summary>
    /// A leaf below a slot that shares as much of the way to it with a new one as any leaf there does.
    /// </summary>
    private int AnyBelow(int slot, int leaf)
    {
        while (slot > 0)
        {
            // The new step may be shorter than this node is deep, if it differs from all that is below.
            int depth = _nodes[slot].Depth;
            bool isSame = depth < Guards(leaf) && GuardAddress(leaf, depth) == _nodes[slot].Address;
            int child = isSame ? ChildOf(slot, GuardValue(leaf, depth)) : 0;
            slot = child != 0 ? child : _nodes[slot].Child0;
        }

        return -slot;
    }

    private int FirstDifference(int leaf, int other)
    {
        int common = Math.Min(Guards(leaf), Guards(other));
        for (int i = 0; i < common; i++)
        {
            if (GuardAddress(leaf, i) != GuardAddress(other, i))
                throw StepMemoException.Unlogged(GuardAddress(leaf, i), GuardAddress(other, i));

            if (GuardValue(leaf, i) != GuardValue(other, i))
                return i;
        }

        throw StepMemoException.Unlogged(GuardAddress(leaf, common - 1), GuardAddress(other, common - 1));
    }

    private int Guards(int leaf) => _leaves[leaf] & 0xFFFF;

    private int GuardAddress(int leaf, int index) => _leaves[leaf + HeaderInts + (2 * index)];

    private int GuardValue(int leaf, int index) => _leaves[leaf + HeaderInts + (2 * index) + 1];

    private int ChildOf(int node, int value)
    {
        ref Node at = ref _nodes[node];
        return value == at.Value0 ? at.Child0
            : value == at.Value1 ? at.Child1
            : at.Others?.GetValueOrDefault(value) ?? 0;
    }

    private ref int SlotOf(int node, int value)
    {
        ref Node at = ref _nodes[node];
        if (value == at.Value0)
            return ref at.Child0;

        if (value == at.Value1)
            return ref at.Child1;

        return ref CollectionsMarshal.GetValueRefOrNullRef(at.Others!, value);
    }

    private void AddNode(int address, int depth, (int Value, int Child) first, (int Value, int Child) second)
    {
        if (_nodeCount == _nodes.Length)
            Array.Resize(ref _nodes, _nodeCount * 2);

        _nodes[_nodeCount++] = new Node
        {
            Address = address,
            Depth = depth,
            Value0 = first.Value,
            Child0 = first.Child,
            Value1 = second.Value,
            Child1 = second.Child,
        };
    }

    private void AddChild(int node, int value, int child)
    {
        Dictionary<int, int> others = _nodes[node].Others ??= [];
        others.Add(value, child);
        _tableBytes += sizeof(int) * 6;
    }

    private struct Node
    {
        internal int Address; // Of the word that tells the steps below apart.
        internal int Depth; // Which of their guards that is.
        internal int Value0;
        internal int Child0;
        internal int Value1;
        internal int Child1;
        internal Dictionary<int, int>? Others; // For further values; null if there is none.
    }
}

/// <summary>What a recorded step does besides writing words.</summary>
/// <param name="Stack">The number of the stack on which its context stands then; 0 if it has ended.</param>
/// <param name="Progress">How much <see cref="Machine.Progress"/> grows.</param>
/// <param name="Counts">How many operations it finishes, and 65 536 times how many it fuses.</param>
internal readonly record struct StepOutcome(int Stack, int Progress, int Counts)
{
    internal StepOutcome(int stack, long progress, long operations, int fused)
        : this(stack, (int)progress, (int)operations | (fused << 16))
    {
    }

    internal int Operations => Counts & 0xFFFF;

    internal int Fused => Counts >>> 16;
}
