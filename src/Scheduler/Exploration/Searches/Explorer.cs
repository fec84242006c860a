using System.Threading;
using System.Threading.Channels;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>Runs executions until one fails or the budget is spent, on as many threads as wanted.</summary>
/// <remarks>
/// Executions are numbered and handed out in chunks. What a chunk shows depends on its numbers only, and the collector
/// merges chunks in order, so the report is the same for any number of threads.
/// </remarks>
/// <param name="boot">Boots the machine that a thread steps; code on an image of its own finds its machine
/// faster.</param>
/// <param name="strategies">Makes the strategy of a thread.</param>
/// <param name="options">How far to go.</param>
public sealed class Explorer(Func<MachineImage> boot, Func<SearchStrategy> strategies, ExplorerOptions options)
{
    private const int ChunkSize = SearchStrategy.ChunkSize;
    private const int WarmUpShare = 8; // A warm-up is at most this part of a short run.

    private long _nextChunk;
    private long _lastChunk;

    /// <summary>Explores one image, which all threads share.</summary>
    public Explorer(MachineImage image, Func<SearchStrategy> strategies, ExplorerOptions options)
        : this(() => image, strategies, options)
    {
    }

    /// <summary>Called with the report so far, from the collecting thread, after each chunk.</summary>
    public Action<ExplorationReport>? Progress { get; set; }

    /// <summary>Runs the executions. A cancelled run reports what it has done, up to the first gap.</summary>
    /// <exception cref="StepMemoException">A step that was looked up is not the step itself.</exception>
    public ExplorationReport Run(CancellationToken cancellation = default)
    {
        try
        {
            return RunAll(cancellation);
        }
        catch (StepMemoException)
        {
            // State outside the machine shows in this way, too, and who performs every step says it better.
            if (DependsOnOutside(cancellation) is { } outside)
                return outside;

            throw;
        }
    }

    /// <summary>
    /// What an exploration that performs every step says, if it is that something outside the machine is changed; else
    /// null.
    /// </summary>
    private ExplorationReport? DependsOnOutside(CancellationToken cancellation)
    {
        var again = new Explorer(boot, strategies, options with { Memo = null }) { Progress = Progress };
        ExplorationReport report = again.Run(cancellation);
        return report.First?.Finding.Class == FailureClass.Nondeterminism ? report : null;
    }

    private ExplorationReport RunAll(CancellationToken cancellation)
    {
        long all = (options.Executions + ChunkSize - 1) / ChunkSize;
        _nextChunk = Math.Min(options.FirstChunk, all);
        _lastChunk = _nextChunk + Math.Min(options.Chunks, all - _nextChunk);
        var oneReader = new UnboundedChannelOptions { SingleReader = true };
        Channel<ExplorationChunk> results = Channel.CreateUnbounded<ExplorationChunk>(oneReader);
        Exception? crash = null;
        var workers = new Thread[Math.Max(1, options.Jobs)];
        int running = workers.Length;
        using var isWarm = new ManualResetEventSlim(initialState: options.WarmUpSteps == 0);
        for (int i = 0; i < workers.Length; i++)
        {
            bool isFirst = i == 0;
            workers[i] = new Thread(() =>
            {
                try
                {
                    if (!isFirst)
                        isWarm.Wait();

                    Work(results.Writer, isFirst ? isWarm : null, cancellation);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref crash, exception, null);
                    Interlocked.Exchange(ref _lastChunk, 0);
                }
                finally
                {
                    isWarm.Set();
                    if (Interlocked.Decrement(ref running) == 0)
                        results.Writer.Complete();
                }
            })
            { IsBackground = true };
            workers[i].Start();
        }

        ExplorationReport report;
        try
        {
            report = Collect(results.Reader);
        }
        finally
        {
            Interlocked.Exchange(ref _lastChunk, 0); // Nobody reads on, also if Progress has thrown.
            foreach (Thread worker in workers)
                worker.Join();
        }

        if (crash is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(crash);

        return report;
    }

    private ExplorationReport Collect(ChannelReader<ExplorationChunk> results)
    {
        var report = new ExplorationReport();
        var early = new Dictionary<long, ExplorationChunk>();
        long next = options.FirstChunk;
        bool isOver = false;
        while (results.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (results.TryRead(out ExplorationChunk chunk))
            {
                early.Add(chunk.Number, chunk);
                while (!isOver && early.Remove(next, out ExplorationChunk inOrder))
                {
                    next++;
                    report = report.Merge(inOrder.Report);
                    isOver = !inOrder.IsWhole || (report.First is not null && !options.KeepGoing);
                    Progress?.Invoke(report);
                }
            }
        }

        return report;
    }

    private void Work(
        ChannelWriter<ExplorationChunk> results,
        ManualResetEventSlim? isWarm,
        CancellationToken cancellation)
    {
        var worker = new ExplorationWorker(boot, strategies(), options);
        while (!cancellation.IsCancellationRequested)
        {
            long number = Interlocked.Increment(ref _nextChunk) - 1;
            if (number >= Interlocked.Read(ref _lastChunk))
                return;

            ExplorationChunk chunk = worker.Run(number, cancellation);
            if (chunk.Report.First is not null && !options.KeepGoing)
                LowerLastChunk(number + 1);

            results.TryWrite(chunk);
            if (options.IsOver?.Invoke() == true)
                LowerLastChunk(number + 1); // Those that others have begun are behind it, and told as well.

            if (worker.Steps >= options.WarmUpSteps || number >= Interlocked.Read(ref _lastChunk) / WarmUpShare)
                isWarm?.Set();
        }
    }

    // A chunk with a higher number than one that failed can no longer matter.
    private void LowerLastChunk(long last)
    {
        long seen = Interlocked.Read(ref _lastChunk);
        while (last < seen)
        {
            long before = Interlocked.CompareExchange(ref _lastChunk, last, seen);
            if (before == seen)
                return;

            seen = before;
        }
    }
}
