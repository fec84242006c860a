using System.Threading;
using System.Threading.Channels;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Outside;

namespace Kmaplab.Scheduler.Exploration;

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
    private const int FirstChecked = 8; // Executions that are always run again, step by step.
    private const int CutOffStepsChecked = 10_000; // Of an execution that has reached the step limit.
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
    public ExplorationReport Run(CancellationToken cancellation = default)
    {
        _nextChunk = 0;
        _lastChunk = (options.Executions + ChunkSize - 1) / ChunkSize;
        Channel<Chunk> results = Channel.CreateUnbounded<Chunk>(new UnboundedChannelOptions { SingleReader = true });
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

    private ExplorationReport Collect(ChannelReader<Chunk> results)
    {
        var report = new ExplorationReport();
        var early = new Dictionary<long, Chunk>();
        long next = 0;
        bool isOver = false;
        while (results.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (results.TryRead(out Chunk chunk))
            {
                early.Add(chunk.Number, chunk);
                while (!isOver && early.Remove(next, out Chunk inOrder))
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

    private void Work(ChannelWriter<Chunk> results, ManualResetEventSlim? isWarm, CancellationToken cancellation)
    {
        long steps = 0;
        var machine = new Machine(boot());
        var execution = new Execution(machine, options.StepsMax);
        var distinct = new DistinctExecutions();
        var compared = new Execution(machine, options.StepsMax, distinct);
        var determinism = new DeterminismCheck(machine);
        var outside = new OutsideWatch(machine.Image.Outside);
        SearchStrategy strategy = strategies();
        while (!cancellation.IsCancellationRequested)
        {
            long number = Interlocked.Increment(ref _nextChunk) - 1;
            if (number >= Interlocked.Read(ref _lastChunk))
                return;

            // To tell all of them apart would take time; if the strategy repeats itself, it does so from the start.
            Chunk chunk = number == 0
                ? RunChunk(number, compared, determinism, outside, strategy, cancellation, distinct)
                : RunChunk(number, execution, determinism, outside, strategy, cancellation);
            if (chunk.Report.First is not null && !options.KeepGoing)
                LowerLastChunk(number + 1);

            results.TryWrite(chunk);
            steps += chunk.Report.Steps;
            if (steps >= options.WarmUpSteps || number >= Interlocked.Read(ref _lastChunk) / WarmUpShare)
                isWarm?.Set();
        }
    }

    private Chunk RunChunk(
        long chunk,
        Execution execution,
        DeterminismCheck determinism,
        OutsideWatch outside,
        SearchStrategy strategy,
        CancellationToken cancellation,
        DistinctExecutions? distinct = null)
    {
        long first = (chunk * ChunkSize) + 1;
        long last = Math.Min(options.Executions, first + ChunkSize - 1);
        long steps = 0;
        long cutOff = 0;
        long failures = 0;
        long number = first;
        int longest = 0;
        FailedExecution? failed = null;
        for (; number <= last && !cancellation.IsCancellationRequested; number++)
        {
            execution.Run(strategy, number);
            distinct?.Add();
            steps += execution.Steps;
            longest = Math.Max(longest, execution.Steps);
            if (execution.IsCutOff)
                cutOff++;

            Finding? finding = execution.Finding;
            bool isChecked = number <= FirstChecked || number % Math.Max(1, options.DeterminismEvery) == 0;
            if (
                finding is null
                && (outside.IsDue(execution.Steps) || number == last)
                && outside.FindChange() is { } change)
                finding = new Finding(FailureClass.Nondeterminism, change);

            if (finding is null && options.DeterminismEvery > 0 && isChecked)
                finding = IsSame(determinism, execution);

            if (finding is null && number == 1)
                finding = determinism.Image.FindDifference(boot());

            if (finding is null)
                continue;

            failures++;
            if (failed is null)
            {
                Transition[] schedule = execution.Schedule.ToArray();
                var counter = new PreemptionCounter();
                Finding confirmed = Confirmed(finding, schedule, execution.Loop, counter);
                failed = new FailedExecution(number, confirmed, schedule)
                {
                    Loop = execution.Loop,
                    Preemptions = counter.Preemptions,
                };
            }

            if (!options.KeepGoing)
            {
                number++;
                break;
            }
        }

        var report = new ExplorationReport
        {
            Executions = number - first,
            Steps = steps,
            CutOff = cutOff,
            StepsMax = longest,
            Failures = failures,
            Compared = distinct is null ? 0 : number - first,
            Distinct = distinct?.Count ?? 0,
            First = failed,
        };
        return new Chunk(chunk, report, IsWhole: number > last);
    }

    // What was cut off has no end to compare, and comparing all of it would take longer than all executions that are
    // not checked.
    private static Finding? IsSame(DeterminismCheck determinism, Execution execution) => execution.IsCutOff
        ? determinism.Run(execution.Schedule[..Math.Min(execution.Steps, CutOffStepsChecked)])
        : determinism.RunAgain(execution.Schedule);

    /// <summary>
    /// What a machine that is booted anew says of a failure: the same, or that it depends on something outside the
    /// machine.
    /// </summary>
    private Finding Confirmed(Finding finding, Transition[] schedule, int loop, PreemptionCounter counter)
    {
        var machine = new Machine(boot());
        if (new DeterminismCheck(machine).Run(schedule) is { Class: FailureClass.Nondeterminism } differs)
            return differs;

        if (finding.Class == FailureClass.Nondeterminism)
            return finding; // The first machine has seen it; what it was may not happen twice.

        ScheduleRun.Run(machine, schedule, loop, finding.Class, counter);
        string second = machine.Finding is { } found
            ? $"{found.Class.Name()} ({found.Message.Split('\n')[0]})"
            : "nothing wrong";
        return machine.Finding?.Class == finding.Class
            ? finding
            : new Finding(
                FailureClass.Nondeterminism,
                $"the same schedule showed {finding.Class.Name()} ({finding.Message.Split('\n')[0]}) at first, and "
                + $"{second} on a machine booted anew: "
                    + "the scenario depends on something outside the machine");
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

    // Nothing can follow a chunk that is not whole, because it was cancelled or has ended at a failure: a report has no
    // gaps.
    private readonly record struct Chunk(long Number, ExplorationReport Report, bool IsWhole);
}
