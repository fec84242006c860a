using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Recorded steps, found by the words that they have read.</summary>
/// <remarks>
/// A step is a function of the suspended stack that it resumes and of the words that it reads. So the steps of one
/// stack form a tree: the same stack always reads the same word first, and each value of it leads to one word that is
/// read next. Only words that tell recorded steps apart have nodes (a Patricia tree); a leaf has all words that its
/// step has read, with their values, and these alone decide whether it is the step.
/// </remarks>
internal sealed class StepTable
{
    private readonly RecordedSteps _steps = new();
    private readonly ValueTables _others = new();
    private int[] _roots = new int[256]; // 0 for nothing, else a node, or a step negated.
    private int[] _otherRoots = new int[64]; // Of roots with numbers below 0.
    private Node[] _nodes = new Node[64];
    private int _nodeCount = 1; // None has number 0.

    /// <summary>The steps.</summary>
    internal RecordedSteps Steps => _steps;

    /// <summary>Bytes that the table takes.</summary>
    internal long Bytes =>
        ((long)(_roots.Length + _otherRoots.Length) * sizeof(int)) + ((long)_nodes.Length * Unsafe.SizeOf<Node>())
        + _steps.Bytes + _others.Bytes;

    /// <summary>The step of a context from a root whose guards all hold; 0 if none is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(int root, int context, int[] memory)
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
                : node.Others == 0 ? 0
                : _others.Find(node.Others, value);
        }

        return at < 0 && _steps.Holds(-at, context, memory) ? -at : 0;
    }

    /// <summary>
    /// Finds a step of each of several contexts as <see cref="Find"/> does. Each look waits for memory at each node, so
    /// all of them go on together.
    /// </summary>
    /// <param name="looks">The roots; they become the steps.</param>
    /// <param name="contexts">The context of each.</param>
    /// <param name="memory">What the steps read.</param>
    internal void FindAll(Span<int> looks, ReadOnlySpan<int> contexts, int[] memory)
    {
        int[] roots = _roots;
        for (int i = 0; i < looks.Length; i++)
        {
            int root = looks[i];
            looks[i] = (uint)root < (uint)roots.Length ? roots[root] : OtherRoot(root);
            Prefetch(looks[i]);
        }

        for (bool goOn = true; goOn;)
        {
            goOn = false;
            for (int i = 0; i < looks.Length; i++)
            {
                if (looks[i] <= 0)
                    continue;

                ref Node node = ref _nodes[looks[i]];
                int next = ChildOf(node, memory[node.Address]);
                looks[i] = next;
                goOn |= next > 0;
                Prefetch(next);
            }
        }

        for (int i = 0; i < looks.Length; i++)
            looks[i] = looks[i] < 0 && _steps.Holds(-looks[i], contexts[i], memory) ? -looks[i] : 0;
    }

    /// <summary>The addresses that are looked at to find the step from a root; yields how many.</summary>
    internal int DecidingFrom(int root, int[] memory, Span<int> addresses)
    {
        int count = 0;
        int at = root >= 0 ? _roots[root] : OtherRoot(root);
        for (; at > 0; at = ChildOf(_nodes[at], memory[_nodes[at].Address]))
            addresses[count++] = _nodes[at].Address;

        return count;
    }

    /// <summary>All steps, with their roots, but those whose roots have numbers below 0.</summary>
    internal IEnumerable<(int Root, int Step)> Recorded()
    {
        for (int root = 0; root < _roots.Length; root++)
        {
            foreach (int step in Below(_roots[root]))
                yield return (root, step);
        }
    }

    private IEnumerable<int> Below(int at)
    {
        if (at <= 0)
            return at == 0 ? [] : [-at];

        Node node = _nodes[at];
        int[] children = [node.Child0, node.Child1, .. _others.All(node.Others)];
        return children.SelectMany(Below);
    }

    /// <summary>Adds the step that was just recorded.</summary>
    /// <exception cref="StepMemoException">
    /// It has read the same as another one, and yet gone another way: something that decides what it does is not
    /// logged.
    /// </exception>
    internal int Add(int root, int context, TouchLog log, int[] memory, in StepOutcome outcome)
    {
        int step = _steps.Add(context, log, memory, outcome);
        AddToTree(root, step);
        return step;
    }

    private void AddToTree(int root, int step)
    {
        ref int slot = ref root >= 0 ? ref PlaceIn(ref _roots, root) : ref PlaceIn(ref _otherRoots, ~root);
        if (slot == 0)
        {
            slot = -step;
            return;
        }

        int other = AnyBelow(slot, step);
        int depth = _steps.FirstDifference(other, step);
        int value = _steps.ReadAt(step, depth).Value;
        int parent = 0;
        while (slot > 0 && _nodes[slot].Depth < depth)
        {
            parent = slot;
            slot = ref SlotOf(slot, _steps.ReadAt(step, _nodes[slot].Depth).Value);
        }

        if (slot > 0 && _nodes[slot].Depth == depth)
        {
            AddChild(slot, value, -step);
            return;
        }

        (int address, int otherValue) = _steps.ReadAt(other, depth);
        int node = AddNode(address, depth, (otherValue, slot), (value, -step));
        if (parent == 0)
            slot = node;
        else
            SlotOf(parent, _steps.ReadAt(step, _nodes[parent].Depth).Value) = node; // The nodes may have moved.
    }

    private int OtherRoot(int root) => root < 0 && ~root < _otherRoots.Length ? _otherRoots[~root] : 0;

    private static ref int PlaceIn(ref int[] roots, int root)
    {
        while (root >= roots.Length)
            Array.Resize(ref roots, roots.Length * 2);

        return ref roots[root];
    }

    /// <summary>
    /// A step below a slot that shares as much of the way to it with a new one as any step there does.
    /// </summary>
    private int AnyBelow(int slot, int step)
    {
        while (slot > 0)
        {
            // The new step may have read less than this node is deep, if it differs from all that is below.
            ref Node node = ref _nodes[slot];
            bool hasValue = node.Depth < _steps.Reads(step) && _steps.ReadAt(step, node.Depth).Address == node.Address;
            int child = hasValue ? ChildOf(node, _steps.ReadAt(step, node.Depth).Value) : 0;
            slot = child != 0 ? child : node.Child0;
        }

        return -slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(int at)
    {
        if (at < 0)
            _steps.Prefetch(-at);
        else
            CacheLines.Prefetch(ref _nodes[at]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ChildOf(in Node node, int value) =>
        value == node.Value0 ? node.Child0
        : value == node.Value1 ? node.Child1
        : _others.Find(node.Others, value);

    private ref int SlotOf(int node, int value)
    {
        ref Node at = ref _nodes[node];
        if (value == at.Value0)
            return ref at.Child0;

        if (value == at.Value1)
            return ref at.Child1;

        return ref _others.SlotOf(at.Others, value);
    }

    private int AddNode(int address, int depth, (int Value, int Child) first, (int Value, int Child) second)
    {
        if (_nodeCount == _nodes.Length)
            Array.Resize(ref _nodes, _nodeCount * 2);

        _nodes[_nodeCount] = new Node
        {
            Address = address,
            Depth = depth,
            Value0 = first.Value,
            Child0 = first.Child,
            Value1 = second.Value,
            Child1 = second.Child,
        };
        return _nodeCount++;
    }

    private void AddChild(int node, int value, int child) =>
        _nodes[node].Others = _others.Add(_nodes[node].Others, value, child);

    private struct Node
    {
        internal int Address; // Of the word that tells the steps below apart.
        internal int Depth; // Which of their reads that is.
        internal int Value0;
        internal int Child0;
        internal int Value1;
        internal int Child1;
        internal int Others; // The table of further values; 0 if there is none.
    }
}
