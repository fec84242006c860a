using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>The reachable graph: the transitions out of every state, for checking what can go on for ever.</summary>
/// <remarks>
/// A search with symmetry visits one state for all that differ in the names of like tasks only. So an edge also says
/// under which names its target's tasks were known at its source (annotated quotient: E. Emerson and A. Sistla,
/// "Symmetry and Model Checking", 1996), and whoever follows a task along edges follows it through its names.
/// </remarks>
internal sealed class StateGraph(int contexts)
{
    private const ushort ProgressMark = 0x8000;

    private readonly List<Part> _parts = [];
    private readonly Lock _lock = new();
    private readonly GrowingList<Situation> _situations = new();
    private long[] _first = [];
    private int[] _targets = [];
    private ushort[] _labels = [];
    private int[] _names = [];

    /// <summary>Numbers that states have; some are nobody's if several threads have searched.</summary>
    internal int States { get; private set; }

    /// <summary>Number of contexts of the machine.</summary>
    internal int Contexts => contexts;

    /// <summary>The renamings that edges refer to.</summary>
    internal Renamings Renamings { get; } = new(contexts);

    /// <summary>Bytes that it takes.</summary>
    internal long Bytes
    {
        get
        {
            lock (_lock)
            {
                long edges = _targets.Length * (sizeof(int) + sizeof(ushort) + (long)sizeof(int));
                return _situations.Bytes + (_first.Length * sizeof(long)) + edges + _parts.Sum(part => part.Bytes);
            }
        }
    }

    /// <summary>A part of the graph that one thread fills.</summary>
    internal Part NewPart()
    {
        var part = new Part(this);
        lock (_lock)
            _parts.Add(part);

        return part;
    }

    /// <summary>
    /// Writes what has been found so far of states with numbers below <paramref name="end"/>; no thread adds to it
    /// meanwhile.
    /// </summary>
    internal void Save(BinaryWriter writer, int end)
    {
        Renamings.Save(writer);
        _situations.Save(writer, Math.Min(end, _situations.Capacity));
        writer.Write(_parts.Count);
        foreach (Part part in _parts)
            part.Save(writer);
    }

    /// <summary>Reads what was written; yields the number of edges.</summary>
    internal long Load(BinaryReader reader)
    {
        Renamings.Load(reader);
        _situations.Load(reader);
        long edges = 0;
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            Part part = NewPart();
            part.Load(reader);
            edges += part.Count;
        }

        return edges;
    }

    /// <summary>Puts the parts together, the edges of each state in a row.</summary>
    internal void Seal(int states)
    {
        States = states;
        _situations.EnsureCapacity(Math.Max(0, states - 1));
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
        _names = new int[_first[states]];
        foreach (Part part in _parts)
            TakeEdges(part);

        lock (_lock)
            _parts.Clear();
    }

    // A state is expanded once, by one thread, so its edges are neighbours in one part.
    private void TakeEdges(Part part)
    {
        for (int i = 0; i < part.Count;)
        {
            int source = part.Sources[i];
            long at = _first[source];
            for (; i < part.Count && part.Sources[i] == source; i++, at++)
            {
                _targets[at] = part.Targets[i];
                _labels[at] = part.Labels[i];
                _names[at] = part.Names[i];
            }
        }
    }

    internal ReadOnlySpan<int> Targets(int state) => _targets.AsSpan((int)_first[state], Degree(state));

    internal ReadOnlySpan<ushort> Labels(int state) => _labels.AsSpan((int)_first[state], Degree(state));

    internal int Degree(int state) => (int)(_first[state + 1] - _first[state]);

    internal int Target(int state, int edge) => _targets[_first[state] + edge];

    internal ushort Label(int state, int edge) => _labels[_first[state] + edge];

    /// <summary>
    /// The renaming of an edge: what its source's tasks are called in its target; 0 if nobody has got another name.
    /// </summary>
    internal int Names(int state, int edge) => _names[_first[state] + edge];

    /// <summary>What a context of an edge's source is called in its target.</summary>
    internal int NameAfter(int state, int edge, int context) => Renamings.After(Names(state, edge), context);

    /// <summary>A bit for each task that has ended in a state.</summary>
    internal ulong Ended(int state) => _situations[state].Ended;

    /// <summary>A bit for each task that waits for a CPU in a state.</summary>
    internal ulong Waiting(int state) => _situations[state].Waiting;

    /// <summary>
    /// Part of a state's hash, for choosing among states in an order that no thread's speed can change.
    /// </summary>
    internal ulong Hash(int state) => _situations[state].Hash;

    /// <summary>Whether a number is that of a state.</summary>
    internal bool Exists(int state) => _situations[state].Hash != 0;

    internal static Transition TransitionOf(ushort label) => new((uint)(label & ~ProgressMark));

    /// <summary>The transition finished an operation of the context that it steps.</summary>
    internal static bool IsProgress(ushort label) => (label & ProgressMark) != 0;

    /// <summary>The context that a transition moves on; -1 for one that concerns a CPU only.</summary>
    internal static int Mover(ushort label)
    {
        Transition transition = TransitionOf(label);
        return transition.Kind switch
        {
            TransitionKind.Dispatch => transition.Argument,
            TransitionKind.Preempt or TransitionKind.Interrupt or TransitionKind.Acknowledge => -1,
            _ => transition.Subject,
        };
    }

    /// <summary>Whether a context runs in a transition, and is not only given a CPU.</summary>
    internal static bool IsRunOf(ushort label, int context) =>
        TransitionOf(label).Kind != TransitionKind.Dispatch && Mover(label) == context;

    private readonly record struct Situation(ulong Ended, ulong Waiting, ulong Hash);

    /// <summary>Edges that one thread has found.</summary>
    internal sealed class Part(StateGraph graph)
    {
        internal GrowingList<int> Sources { get; } = new();

        internal GrowingList<int> Targets { get; } = new();

        internal GrowingList<ushort> Labels { get; } = new();

        internal GrowingList<int> Names { get; } = new();

        internal int Count { get; private set; }

        internal long Bytes => Sources.Bytes + Targets.Bytes + Labels.Bytes + Names.Bytes;

        internal void Save(BinaryWriter writer)
        {
            Sources.Save(writer, Count);
            Targets.Save(writer, Count);
            Labels.Save(writer, Count);
            Names.Save(writer, Count);
        }

        internal void Load(BinaryReader reader)
        {
            Count = Sources.Load(reader);
            Targets.Load(reader);
            Labels.Load(reader);
            Names.Load(reader);
        }

        /// <summary>Takes down how the contexts of a state are, which is in the machine right now.</summary>
        internal void AddState(int number, Machine machine, ulong hash)
        {
            ulong ended = 0;
            ulong waiting = 0;
            for (int task = 0; task < machine.Tasks.Count; task++)
            {
                ContextStatus status = machine.Tasks.Status(task);
                if (status is ContextStatus.Finished or ContextStatus.Dead)
                    ended |= 1UL << task;
                else if (status == ContextStatus.Runnable && machine.Tasks.Cpu(task) < 0)
                    waiting |= 1UL << task;
            }

            graph._situations.EnsureCapacity(number);
            graph._situations[number] = new Situation(ended, waiting, hash | 1);
        }

        internal void Add(int source, int target, Transition transition, bool isProgress, int names)
        {
            Sources.EnsureCapacity(Count);
            Targets.EnsureCapacity(Count);
            Labels.EnsureCapacity(Count);
            Names.EnsureCapacity(Count);
            Sources[Count] = source;
            Targets[Count] = target;
            Labels[Count] = (ushort)(transition.Code | (isProgress ? ProgressMark : 0u));
            Names[Count] = names;
            Count++;
        }
    }
}
