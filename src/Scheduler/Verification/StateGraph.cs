using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>The reachable graph: the transitions out of every state, for checking what can go on for ever.</summary>
internal sealed class StateGraph
{
    private readonly List<Part> _parts = [];
    private readonly System.Threading.Lock _lock = new();
    private long[] _first = [];
    private int[] _targets = [];
    private ushort[] _labels = [];

    /// <summary>Number of states.</summary>
    internal int States { get; private set; }

    internal long Bytes => ((_first.Length + 1L) * sizeof(long)) + (_targets.Length * (sizeof(int) + 2L));

    /// <summary>A part of the graph that one thread fills.</summary>
    internal Part NewPart()
    {
        var part = new Part();
        lock (_lock)
            _parts.Add(part);

        return part;
    }

    /// <summary>Puts the parts together, the edges of each state in a row.</summary>
    internal void Seal(int states)
    {
        States = states;
        _first = new long[states + 1];
        foreach (Part part in _parts)
        {
            for (int i = 0; i < part.Count; i++)
                _first[part.Sources[i] + 1]++;
        }

        for (int state = 0; state < states; state++)
            _first[state + 1] += _first[state];

        _targets = new int[_first[states]];
        _labels = new ushort[_first[states]];
        foreach (Part part in _parts)
        {
            // A state is expanded once, by one thread, so its edges are neighbours in one part.
            for (int i = 0; i < part.Count;)
            {
                int source = part.Sources[i];
                long at = _first[source];
                for (; i < part.Count && part.Sources[i] == source; i++, at++)
                {
                    _targets[at] = part.Targets[i];
                    _labels[at] = part.Labels[i];
                }
            }
        }

        _parts.Clear();
    }

    internal ReadOnlySpan<int> Targets(int state) => _targets.AsSpan((int)_first[state], (int)(_first[state + 1] - _first[state]));

    internal ReadOnlySpan<ushort> Labels(int state) => _labels.AsSpan((int)_first[state], (int)(_first[state + 1] - _first[state]));

    internal static Transition TransitionOf(ushort label) => new((ushort)(label & 0x7FFF));

    /// <summary>The transition finished an operation of the context that it steps.</summary>
    internal static bool IsProgress(ushort label) => (label & 0x8000) != 0;

    /// <summary>Edges that one thread has found.</summary>
    internal sealed class Part
    {
        internal GrowingList<int> Sources { get; } = new();

        internal GrowingList<int> Targets { get; } = new();

        internal GrowingList<ushort> Labels { get; } = new();

        internal int Count { get; private set; }

        internal long Bytes => Sources.Bytes + Targets.Bytes + Labels.Bytes;

        internal void Add(int source, int target, Transition transition, bool isProgress)
        {
            Sources.EnsureCapacity(Count);
            Targets.EnsureCapacity(Count);
            Labels.EnsureCapacity(Count);
            Sources[Count] = source;
            Targets[Count] = target;
            Labels[Count] = (ushort)(transition.Code | (isProgress ? 0x8000 : 0));
            Count++;
        }
    }
}
