using System.Threading;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Scheduler.Verification.Finiteness;
using Kmaplab.Scheduler.Verification.Progress;
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

    internal SearchTree Tree { get; } = new(isShared: jobs > 1) { KeepsFirst = options.IsDepthFirst };

    /// <summary>The graph of states; null if it is not, or no longer, kept.</summary>
    internal StateGraph? Graph { get; private set; } =
        options is { Progress: true, CountAll: false } ? new StateGraph(image.Contexts) : null;

    /// <summary>Why the graph is not kept; null if it is.</summary>
    internal string? NoGraph { get; private set; } = options.Progress ? null : "it was not asked for";

    internal MemoryBudget Budget { get; } =
        new(options.MemoryMax, new SpillDisk(options.SpillDirectory, options.DiskMax));

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
            if (HasTooMany(_statesTold))
                FullReason ??= TooMany;

            if (first - _numbersWeighed >= NumbersBetweenWeighings)
            {
                _numbersWeighed = first;
                Budget.Tables = TableBytes + Frames.Bytes;
                if (Budget.Tables > options.MemoryMax)
                    FullReason ??= $"the tables are larger than {options.MemoryMax >> 20} MiB";
            }

            return (first, _numbersTaken);
        }
    }

    /// <summary>Whether threads stop between two blocks, so that what was done can be kept.</summary>
    internal bool IsPauseDue => Checkpoint?.IsDue() ?? false;

    /// <summary>Where what was done is kept; null if it is not, or cannot be any more.</summary>
    internal Checkpoint? Checkpoint { get; private set; } =
        options is { IsExact: false, IsDepthFirst: false, CountAll: false } ? options.Checkpoint : null;

    /// <summary>What this search has met is none that anybody could go on with.</summary>
    internal void DropCheckpoint() => Checkpoint = null;

    /// <summary>Writes the states and their graph; no thread searches meanwhile.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(NumbersTaken);
        ((VisitedSet)Visited).Save(writer);
        Tree.Save(writer, NumbersTaken);
        writer.Write(NoGraph ?? "");
        Graph?.Save(writer, NumbersTaken);
    }

    /// <summary>Reads what was written; yields how many states there are.</summary>
    internal long Load(BinaryReader reader)
    {
        _numbersTaken = reader.ReadInt32();
        _statesTold = ((VisitedSet)Visited).Load(reader);
        if (Tree.Load(reader) != _statesTold)
            throw new InvalidDataException("the set of states and the tree of ways do not have the same states");

        NoGraph = reader.ReadString() is { Length: > 0 } reason ? reason : null;
        if (NoGraph is null)
            Graph!.Load(reader);
        else
            Graph = null;

        return _statesTold;
    }

    internal long TableBytes => Visited.Bytes + Tree.Bytes;

    public void Dispose()
    {
        Visited.Dispose();
        Budget.Dispose();
    }
}
