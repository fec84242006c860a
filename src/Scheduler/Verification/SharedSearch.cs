using System.Threading;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Scheduler.Verification.Finiteness;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Verification;

/// <summary>What the threads of one search share.</summary>
internal sealed class SharedSearch(MachineImage image, VerifierOptions options, int jobs) : IReducedSearch, IDisposable
{
    /// <summary>What a search says for which there was too little memory, whatever it may take.</summary>
    internal const string OutOfMemory =
        "memory ran out: the process may not use as much as the search needs (--max-memory makes it go to disk "
        + "earlier)";

    private const int NumbersAtOnce = 64;
    private const int NumbersBetweenWeighings = 0x8000;

    private readonly Lock _counting = new();
    private int _numbersTaken;
    private long _statesTold;
    private bool _isOutOfMemory;
    private int _numbersInMemory; // Those from here on.
    private int _numbersWeighed = -NumbersBetweenWeighings;

    internal bool IsExact => options.IsExact;

    /// <summary>How steps are looked up; null to perform each.</summary>
    internal MemoOptions? Memo => options.Memo;

    /// <summary>Several threads search.</summary>
    internal bool IsShared => jobs > 1;

    internal IVisitedSet Visited { get; } = options.IsExact ? new ExactVisitedSet() : new VisitedSet(jobs);

    internal FrameStore Frames => Census.Frames;

    /// <summary>What is on the stacks.</summary>
    internal StackCensus Census { get; } = new(comparesWhole: options.IsExact);

    /// <summary>What the check of states looks at.</summary>
    internal CheckReads CheckReads { get; } = new(image.Memory.Length);

    /// <summary>The search does not go on from a state in which something is wrong.</summary>
    internal bool StopsAtWrong => !options.CountAll;

    internal SearchTree Tree { get; } = new(isShared: jobs > 1) { KeepsFirst = options.IsDepthFirst };

    /// <summary>The graph of states; null if it is not, or no longer, kept.</summary>
    internal StateGraph? Graph { get; private set; } =
        options is { Progress: true, CountAll: false } ? new StateGraph(image.Contexts) : null;

    /// <summary>Why the graph is not kept; null if it is.</summary>
    internal string? NoGraph { get; private set; } = options.Progress ? null : "it was not asked for";

    internal MemoryBudget Budget { get; } =
        new(options.MemoryMax, new SpillDisk(options.SpillDirectory, options.DiskMax));

    /// <summary>The states for which there is no place in memory.</summary>
    private VisitedRuns Runs { get; } = new();

    /// <summary>All states so far have numbers below this. With several threads some numbers are not used.</summary>
    internal int NumbersTaken => Volatile.Read(ref _numbersTaken);

    /// <summary>The search must stop: too many states, or the tables have filled the memory.</summary>
    internal bool IsFull => FullReason is not null;

    /// <summary>Why it must; null if it need not.</summary>
    internal string? FullReason
    {
        get => field ?? Budget.Disk.Problem;
        private set;
    }

    /// <summary>What a search says that has more states than it may.</summary>
    internal string TooMany => $"more than {options.StatesMax} states";

    /// <summary>
    /// Whether so many states are too many. A search that has just as many as it may goes on, as it may be complete.
    /// </summary>
    internal bool HasTooMany(long states) => states > options.StatesMax;

    /// <summary>Like tasks are taken for the same.</summary>
    internal bool HasTaskSymmetry { get; } =
        options.Symmetry && options.TaskSymmetry && image.Hints.Interchangeable.Length > 0;

    /// <summary>Steps are not tried under other names (<see cref="VerifierOptions.TrustsSymmetry"/>).</summary>
    internal bool TrustsSymmetry { get; } = options.TrustsSymmetry;

    /// <summary>Gives the graph up if it has become too large; called while no thread searches.</summary>
    internal bool DropsGraph(long states)
    {
        if (Graph is null)
            return false;

        // Its parts are put together when it is complete, and need their place twice then.
        if (states > options.ProgressStatesMax)
            NoGraph = $"there are more than {options.ProgressStatesMax} states";
        else if ((2 * Graph.Bytes) + Budget.Tables > options.MemoryMax)
            NoGraph = $"the graph of states does not fit into {options.MemoryMax >> 20} MiB";
        else
            return false;

        Graph = null;
        return true;
    }

    /// <inheritdoc/>
    public int Stacks => Frames.Count;

    /// <inheritdoc/>
    public string? ObstacleToSymmetry { get; private set; }

    /// <inheritdoc/>
    public string? ObstacleToCanonicalForms { get; private set; }

    /// <inheritdoc/>
    public void RefuseSymmetry(string obstacle)
    {
        lock (_counting)
        {
            ObstacleToSymmetry ??= obstacle;
            FullReason ??= obstacle;
        }
    }

    /// <inheritdoc/>
    public void RefuseCanonicalForms(string obstacle)
    {
        lock (_counting)
        {
            ObstacleToCanonicalForms ??= obstacle;
            FullReason ??= obstacle;
        }
    }

    /// <inheritdoc/>
    public RecordGroup[] Records { get; } =
        options is { Symmetry: true, CanonicalForms: true } ? image.Hints.Records : [];

    /// <summary>States are rewritten, as records are renumbered.</summary>
    internal bool Canonicalizes => Records.Length > 0;

    /// <summary>States were found that nobody has any more.</summary>
    internal bool HasLostStates => _isOutOfMemory || Budget.Disk.Problem is not null;

    /// <summary>Ends a search that has no memory left, and gives up what it can do without.</summary>
    internal void RunOutOfMemory()
    {
        lock (_counting)
        {
            _isOutOfMemory = true;
            FullReason ??= OutOfMemory;
            NoGraph ??= OutOfMemory;
            Graph = null;
        }
    }

    /// <inheritdoc/>
    public void Canonicalize(int[] memory)
    {
        foreach (RecordGroup group in Records)
            group.Order(memory);
    }

    /// <summary>
    /// Numbers for the next new states of one thread, which has found <paramref name="newStates"/> since it asked last.
    /// </summary>
    internal (int First, int End) TakeNumbers(long newStates)
    {
        lock (_counting)
        {
            int first = _numbersTaken;
            _numbersTaken += NumbersAtOnce;
            _statesTold += newStates; // Numbers that nobody uses are not states: this is never more than there are.
            if (!Runs.HasAny && HasTooMany(_statesTold)) // Else some of them may not be new.
                FullReason ??= TooMany;

            if (first - _numbersWeighed >= NumbersBetweenWeighings)
            {
                _numbersWeighed = first;
                Budget.Tables = TableBytes + Frames.Bytes;
                NeedsRoom = Budget.Tables > options.MemoryMax;
                if (NeedsRoom && !CanGoToDisk)
                    FullReason ??= TooLarge;
            }

            NeedsRoom |= _numbersTaken - _numbersInMemory > options.StatesInMemoryMax && CanGoToDisk;
            return (first, _numbersTaken);
        }
    }

    /// <summary>Whether threads stop between two blocks, so that what was done can be kept, or room be made.</summary>
    internal bool IsPauseDue => NeedsRoom || (Checkpoint?.IsDue() ?? false);

    /// <summary>The tables have filled the memory, and some of them can go to disk.</summary>
    internal bool NeedsRoom { get; private set; }

    /// <summary>Whether they may: not for what may have no end.</summary>
    internal bool MayGoToDisk { get; set; } = true;

    /// <summary>States are on disk, so those that are not in memory may not be new.</summary>
    internal bool IsOnDisk => Runs.HasAny;

    /// <summary>Where what was done is kept; null if it is not, or cannot be any more.</summary>
    internal Checkpoint? Checkpoint { get; private set; } =
        options is { IsExact: false, IsDepthFirst: false, CountAll: false } ? options.Checkpoint : null;

    /// <summary>What this search has met is none that anybody could go on with.</summary>
    internal void DropCheckpoint() => Checkpoint = null;

    /// <summary>
    /// The number of a state, wherever it is; -1 if it was not visited. While no thread searches.
    /// </summary>
    internal int NumberOf(UInt128 hash, ReadOnlySpan<byte> state) =>
        Visited.Find(hash, state) is >= 0 and int number ? number : Runs.Find(hash);

    /// <summary>
    /// Takes states of this level for what they are that were visited before, as those on disk show; yields how many.
    /// While no thread searches.
    /// </summary>
    internal int FindKnown()
    {
        int states = 0;
        if (Runs.HasAny)
        {
            Runs.FindKnown((VisitedSet)Visited, Tree.LevelStart, (state, known) =>
            {
                Tree.Merge(state, known);
                states++;
            });
        }

        return states;
    }

    /// <summary>
    /// Moves to disk what is in memory, after <see cref="FindKnown"/>, and gives up the graph of states.
    /// </summary>
    internal void MakeRoom()
    {
        NeedsRoom = false;
        NoGraph ??= $"the states do not fit into {options.MemoryMax >> 20} MiB, and are on disk";
        Graph = null;
        if (!Runs.TryTake((VisitedSet)Visited, Budget.Disk) || !Tree.TryMoveToDisk(Budget.Disk))
            return; // The search has lost nothing, but it cannot go on: the disk says why.

        Budget.Tables = TableBytes + Frames.Bytes;
        _numbersInMemory = _numbersTaken;
        if (Budget.Tables > options.MemoryMax / 4 * 3)
            FullReason ??= TooLarge;
    }

    /// <summary>Writes the states and their graph; no thread searches meanwhile.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(NumbersTaken);
        ((VisitedSet)Visited).Save(writer);
        Runs.Save(writer);
        Tree.Save(writer, NumbersTaken);
        writer.Write(NoGraph ?? "");
        Graph?.Save(writer, NumbersTaken);
    }

    /// <summary>Reads what was written; yields how many states there are, and edges between them.</summary>
    internal (long States, long? Edges) Load(BinaryReader reader)
    {
        _numbersTaken = reader.ReadInt32();
        long inMemory = ((VisitedSet)Visited).Load(reader);
        if (!Runs.TryLoad(reader, Budget.Disk))
            throw new IOException(Budget.Disk.Problem);

        // What is on disk may be in memory as well.
        _statesTold = Tree.Load(reader);
        if (Runs.HasAny ? inMemory > _statesTold : inMemory != _statesTold)
            throw new InvalidDataException("the set of states and the tree of ways do not have the same states");

        NoGraph = reader.ReadString() is { Length: > 0 } reason ? reason : null;
        Graph = NoGraph is null ? Graph : null;
        return (_statesTold, Graph?.Load(reader));
    }

    internal long TableBytes => Visited.Bytes + Runs.Bytes + Tree.Bytes;

    private bool CanGoToDisk =>
        MayGoToDisk && options is { IsExact: false, IsDepthFirst: false, CountAll: false, DiskMax: not 0 };

    private string TooLarge => $"the tables are larger than {options.MemoryMax >> 20} MiB";

    public void Dispose()
    {
        Visited.Dispose();
        Runs.Dispose();
        Tree.Dispose();
        Budget.Dispose();
    }
}
