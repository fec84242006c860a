using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Searches level by level, so that what is found first is as near to the start as anything wrong is.
/// </summary>
internal sealed class BreadthFirstSearch(
    MachineImage image,
    SharedSearch search,
    SearchWorker[] workers,
    VerifierOptions options,
    StopReasons stop,
    CancellationToken cancellation) : ISearchOrder
{
    private Frontier _level = new(search.Budget); // What is expanded,
    private int _taken; // of which so many blocks were,
    private Frontier _next = new(search.Budget); // and what that has led to.
    private long _statesBefore; // The level was expanded.

    /// <summary>Called after each level with the states and transitions so far.</summary>
    internal Action<long, long>? Progress { get; init; }

    /// <inheritdoc/>
    public int Depth { get; private set; }

    /// <inheritdoc/>
    public long TransitionsBefore { get; private set; }

    /// <inheritdoc/>
    public Violation? FirstViolation { get; private set; }

    /// <inheritdoc/>
    public string? Run()
    {
        bool isResumed = search.Checkpoint?.TryLoad(Options(), Load) ?? false;
        if (!isResumed)
        {
            workers[0].AddStart(new FrontierWriter(_level));
            FirstViolation = workers[0].FirstViolation;
        }

        string? reason = null;
        while ((isResumed || _level.Blocks > 0) && (FirstViolation is null || options.CountAll) && reason is null)
        {
            if (!isResumed)
                BeginLevel();

            isResumed = false;
            Expand();
            reason = EndLevel();
            Progress?.Invoke(SearchWorker.States(workers), workers.Sum(worker => worker.Transitions));
        }

        return reason;
    }

    public void Dispose()
    {
        _level.Dispose();
        _next.Dispose();
    }

    private void BeginLevel()
    {
        foreach (SearchWorker worker in workers)
            worker.BeginLevel();

        search.Tree.BeginLevel(search.IsShared ? search.NumbersTaken : workers[0].NextFree);
        _taken = 0;
        _statesBefore = SearchWorker.States(workers);
    }

    /// <summary>Goes down to the next level; yields why the search must end before.</summary>
    private string? EndLevel()
    {
        TakeFirstViolation();
        if (search.IsOnDisk && SearchWorker.States(workers) == _statesBefore)
        {
            _next.Dispose(); // All that is in it was known before.
            _next = new Frontier(search.Budget);
        }

        bool hasMore = _taken < _level.Blocks || _next.Blocks > 0;
        string? reason = hasMore || search.IsFull || stop.IsCancelled ? stop.Find() : null;
        if (reason is not null && hasMore && FirstViolation is null)
            Keep();

        _level.Dispose();
        _level = _next;
        _next = new Frontier(search.Budget);
        if (_level.Blocks > 0)
            Depth++;

        return reason;
    }

    private void TakeFirstViolation()
    {
        foreach (SearchWorker worker in workers)
        {
            bool isFirst = worker.FirstViolation is { } violation
                && (FirstViolation is null || (!options.CountAll && violation.CompareTo(FirstViolation) < 0));
            FirstViolation = isFirst ? worker.FirstViolation : FirstViolation;
        }
    }

    /// <summary>Expands what is left of the level, with a pause wherever it is time to keep what was done.</summary>
    private void Expand()
    {
        if (search.Checkpoint?.IsDue() ?? false)
            Keep();

        while (true)
        {
            ExpandBlocks();
            FindKnown();
            bool isEnd = _taken >= _level.Blocks || search.IsFull || stop.IsCancelled;
            if (search.NeedsRoom && !search.IsFull)
                MakeRoom();
            else if (!isEnd)
                Keep(); // That was what the pause was for.

            if (isEnd)
                return;
        }
    }

    private void FindKnown() => workers[0].TakeBack(search.FindKnown());

    private void MakeRoom()
    {
        search.MakeRoom();
        stop.DropEdges();
    }

    private void ExpandBlocks()
    {
        if (workers.Length == 1 || _level.Blocks - _taken <= 1)
        {
            workers[0].ExpandLevel(_level, new FrontierWriter(_next), ref _taken, cancellation);
            return;
        }

        Exception? crash = null;
        Thread[] threads = [.. workers.Select(worker => new Thread(() =>
        {
            try
            {
                worker.ExpandLevel(_level, new FrontierWriter(_next), ref _taken, cancellation);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref crash, exception, null);
                if (exception is OutOfMemoryException)
                    search.RunOutOfMemory(); // The others stop, too.
            }
        }))];
        Run(threads);
        if (crash is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(crash);
    }

    private void Run(Thread[] threads)
    {
        int started = 0;
        try
        {
            for (; started < threads.Length; started++)
                threads[started].Start();
        }
        catch (OutOfMemoryException)
        {
            search.RunOutOfMemory(); // There is no memory for another thread.
            throw;
        }
        finally
        {
            foreach (Thread thread in threads[..started])
                thread.Join(); // They use the tables, which are freed after this.
        }
    }

    /// <summary>Keeps what was done, if somebody could go on with it; no thread searches meanwhile.</summary>
    private void Keep()
    {
        if (search.Checkpoint is not { } checkpoint)
            return;

        if (IsSound())
            checkpoint.Write(Options(), Save);
        else
            search.DropCheckpoint(); // There will be an end of this search soon, and it will be another one.
    }

    /// <summary>
    /// Whether nothing is lost, nothing speaks against a reduction, and nothing was found yet or changed outside.
    /// </summary>
    private bool IsSound() =>
        !search.HasLostStates
        && (search.ObstacleToSymmetry ?? search.ObstacleToCanonicalForms) is null
        && (options.TrustsFusion || SearchWorker.ObstacleToFusion(workers) is null)
        && Array.TrueForAll(workers, worker => worker.FirstViolation is null)
        && image.Outside.FindChange() is null;

    // In everything else whoever goes on may differ.
    private (string Name, string Value)[] Options() =>
    [
        ("fusion", image.Fuses ? "on" : "off"),
        ("symmetry of tasks", search.HasTaskSymmetry ? "on" : "off"),
        ("symmetry of records", search.Canonicalizes ? "on" : "off"),
        ("progress", options.Progress ? "asked for" : "not asked for"),
        ("what was booted", Checkpoint.NameOf(image)),
    ];

    private void Save(BinaryWriter writer)
    {
        var states = new SavedFrontier(image, search.Frames);
        search.Save(writer);
        SearchWorker.Save(workers, writer);
        stop.Save(writer);
        writer.Write(Depth);
        writer.Write(_statesBefore);
        long pending = states.SaveStacks(writer, search.Tree, _level, _taken, _next);
        writer.Write(search.Census.Count);
        states.Save(writer, _level, _taken);
        states.Save(writer, _next, 0);
        CheckIsWhole(pending);
    }

    private void Load(BinaryReader reader)
    {
        var states = new SavedFrontier(image, search.Frames);
        workers[0].CheckStart();
        (long visited, long? edges) = search.Load(reader);
        workers[0].Load(reader);
        TransitionsBefore = workers[0].Transitions;
        stop.Load(reader);
        if (search.Graph is null)
            stop.DropEdges();

        Depth = reader.ReadInt32();
        _statesBefore = reader.ReadInt64();
        Dictionary<int, int>? stacks = states.LoadStacks(reader, search.Tree, workers[0].TryGo);
        search.Census.TakeOver(reader.ReadInt32());
        long level = stacks is null ? -1 : states.Load(reader, _level, stacks, search.Tree, search.NumberOf);
        long next = level < 0 ? -1 : states.Load(reader, _next, stacks!, search.Tree, search.NumberOf);
        if (next < 0)
        {
            throw search.Checkpoint!.Refusal(
                "a way that it went leads elsewhere now, so something outside the machine is otherwise");
        }

        if (visited != SearchWorker.States(workers) || (edges ?? TransitionsBefore) != TransitionsBefore)
            throw new InvalidDataException("there are not as many states, or edges between them, as were counted");

        CheckIsWhole(level + next);
    }

    // Each state is either expanded or still to be, so no part of a level is lost.
    private void CheckIsWhole(long pending)
    {
        if (workers.Sum(worker => worker.Expanded) + pending != SearchWorker.States(workers))
            throw new InvalidOperationException("states are neither expanded nor still to be: the search is wrong");
    }
}
