using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>For every state the one it was first reached from, and by which transition: shortest ways, if the search is breadth first.</summary>
/// <remarks>
/// Of several ways of the same length the one whose parent has the smallest hash is kept, and then the smallest transition, so
/// that the way does not depend on which thread was faster.
/// </remarks>
internal sealed class SearchTree(bool isShared)
{
    private readonly GrowingList<Link> _links = new();
    private readonly GrowingList<ulong> _parentHashes = new();
    private readonly System.Threading.Lock[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new System.Threading.Lock())];
    private int _levelStart;

    internal long Bytes => _links.Bytes + _parentHashes.Bytes;

    /// <summary>Keep the way that was found first, for a search that does not go level by level.</summary>
    internal bool KeepsFirst { get; init; }

    /// <summary>States numbered from here on belong to the level that is being found.</summary>
    internal void BeginLevel(int levelStart) => _levelStart = levelStart;

    internal void AddRoot(int state)
    {
        _links.EnsureCapacity(state);
        _links[state] = new Link(-1, default);
    }

    /// <summary>Records a way to a state. For one found earlier in this level, only a smaller way counts.</summary>
    internal void Add(int state, bool isNew, int parent, ulong parentHash, Transition transition)
    {
        if (!isNew && (KeepsFirst || state < _levelStart))
            return;

        int index = state - _levelStart; // Only this level's parents can still be replaced.
        _links.EnsureCapacity(state);
        if (!KeepsFirst)
            _parentHashes.EnsureCapacity(index);

        if (!isShared)
        {
            Keep(state, index, parent, parentHash, transition);
            return;
        }

        lock (_locks[state & 63])
            Keep(state, index, parent, parentHash, transition);
    }

    private void Keep(int state, int index, int parent, ulong parentHash, Transition transition)
    {
        ref Link link = ref _links[state];
        if (KeepsFirst)
        {
            link = new Link(parent, transition);
            return;
        }

        ref ulong smallest = ref _parentHashes[index];
        if (link.IsSet && (parentHash > smallest || (parentHash == smallest && transition.Code >= link.Transition.Code)))
            return;

        link = new Link(parent, transition);
        smallest = parentHash;
    }

    /// <summary>The transitions from the start to a state.</summary>
    internal Transition[] WayTo(int state)
    {
        var way = new List<Transition>();
        for (Link link = _links[state]; link.Parent >= 0; link = _links[link.Parent])
            way.Add(link.Transition);

        way.Reverse();
        return [.. way];
    }

    [StructLayout(LayoutKind.Sequential, Pack = 2)]
    private readonly record struct Link
    {
        private readonly int _parent; // + 2, so that a fresh element is no link: 1 is the root.

        internal Link(int parent, Transition transition)
        {
            _parent = parent + 2;
            Transition = transition;
        }

        internal int Parent => _parent - 2;

        internal bool IsSet => _parent != 0;

        internal Transition Transition { get; }
    }
}
