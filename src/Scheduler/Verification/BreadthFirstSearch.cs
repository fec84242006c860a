using System.Threading;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Searches level by level, so that what is found first is as near to the start as anything wrong is.
/// </summary>
internal sealed class BreadthFirstSearch(
    SharedSearch search,
    SearchWorker[] workers,
    VerifierOptions options,
    StopReasons stop,
    CancellationToken cancellation) : ISearchOrder
{
    /// <summary>Called after each level with the states and transitions so far.</summary>
    internal Action<long, long>? Progress { get; init; }

    /// <inheritdoc/>
    public int Depth { get; private set; }

    /// <inheritdoc/>
    public Violation? FirstViolation { get; private set; }

    /// <inheritdoc/>
    public string? Run()
    {
        var level = new Frontier(search.Budget);
        workers[0].AddStart(new FrontierWriter(level));
        FirstViolation = workers[0].FirstViolation;
        string? reason = null;
        while (level.Blocks > 0 && (FirstViolation is null || options.CountAll) && reason is null)
        {
            var next = new Frontier(search.Budget);
            foreach (SearchWorker worker in workers)
                worker.BeginLevel();

            search.Tree.BeginLevel(search.IsShared ? search.NumbersTaken : (int)SearchWorker.States(workers));
            Expand(level, next);
            level.Dispose();
            level = next;
            TakeFirstViolation();
            if (level.Blocks > 0)
                Depth++;

            if (level.Blocks > 0 || search.IsFull || stop.IsCancelled)
                reason = stop.Find();

            Progress?.Invoke(SearchWorker.States(workers), workers.Sum(worker => worker.Transitions));
        }

        level.Dispose();
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

    private void Expand(Frontier level, Frontier next)
    {
        int nextBlock = 0;
        if (workers.Length == 1 || level.Blocks == 1)
        {
            workers[0].ExpandLevel(level, new FrontierWriter(next), ref nextBlock, cancellation);
            return;
        }

        Exception? crash = null;
        Thread[] threads = [.. workers.Select(worker => new Thread(() =>
        {
            try
            {
                worker.ExpandLevel(level, new FrontierWriter(next), ref nextBlock, cancellation);
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
}
