using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>
/// How often executions of a strategy show a failure, counted in executions that were run to count it.
/// </summary>
/// <param name="Failures">Those that showed it.</param>
/// <param name="Executions">Those that ran to their end, or to a failure.</param>
/// <param name="IsIndependent">Whether each was drawn alike and by itself: without that there is no interval.</param>
/// <remarks>
/// The execution that a search has stopped at is not among them: that it failed is why it stopped, so counting it would
/// make failures look more frequent than they are.
/// </remarks>
public sealed record FailureRate(long Failures, long Executions, bool IsIndependent)
{
    /// <summary>How sure it is that the true rate is between <see cref="AtLeast"/> and <see cref="AtMost"/>.</summary>
    public const double Confidence = 0.95;

    /// <summary>How sure it is that <see cref="ToReproduce"/> executions show the failure.</summary>
    public const double ReproducesWith = 0.99;

    private const double Deviations = 1.959964; // Of a normal distribution, for that confidence.

    /// <summary>The share of executions that fail.</summary>
    public double Share => (double)Failures / Executions;

    /// <summary>The lower end of the interval.</summary>
    public double AtLeast => Failures == 0 ? 0 : Math.Max(0, Middle - HalfWidth);

    /// <summary>The upper end of the interval.</summary>
    public double AtMost => Failures == Executions ? 1 : Math.Min(1, Middle + HalfWidth);

    /// <summary>Executions of which at least one fails, as likely as said; null if none of those counted has.</summary>
    public long? ToReproduce => Failures == 0 ? null
        : Failures == Executions ? 1
        : (long)Math.Ceiling(Math.Log(1 - ReproducesWith) / Math.Log(1 - Share));

    // E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    private double Middle => (Share + (Weight / 2)) / (1 + Weight);

    private double HalfWidth =>
        Deviations * Math.Sqrt((Share * (1 - Share) / Executions) + (Weight / (4 * Executions))) / (1 + Weight);

    private double Weight => Deviations * Deviations / Executions;

    /// <summary>
    /// Runs executions to count those that show a failure; null if none came to an end. How many they are is settled
    /// before the first, and what they show does not depend on the threads.
    /// </summary>
    /// <param name="boot">Boots the machine that a thread steps.</param>
    /// <param name="strategies">Makes the strategy of a thread.</param>
    /// <param name="failure">The class of failure.</param>
    /// <param name="after">An execution: those that are run begin behind its chunk.</param>
    /// <param name="executions">How many.</param>
    /// <param name="jobs">Threads.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static FailureRate? Measure(
        Func<MachineImage> boot,
        Func<SearchStrategy> strategies,
        FailureClass failure,
        long after,
        long executions,
        int jobs,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(strategies);
        const int Chunk = SearchStrategy.ChunkSize;
        long first = ((after + Chunk - 1) / Chunk * Chunk) + 1;
        long chunks = (executions + Chunk - 1) / Chunk;
        long failures = 0;
        long ended = 0;
        try
        {
            Parallel.For(
                0L,
                chunks,
                new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, jobs), CancellationToken = cancellation },
                () => (Execution: NewExecution(boot), Strategy: strategies()),
                Run,
                _ => { });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]); // As one thread alone would say it.
        }

        return ended == 0 ? null : new FailureRate(failures, ended, strategies().IsIndependent);

        (Execution, SearchStrategy) Run(
            long chunk, ParallelLoopState loop, (Execution Execution, SearchStrategy Strategy) worker)
        {
            long from = first + (chunk * Chunk);
            long to = Math.Min(from + Chunk, first + executions);
            for (long number = from; number < to; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                worker.Execution.Run(worker.Strategy, number);
                if (worker.Execution.Finding?.Class == failure)
                    Interlocked.Increment(ref failures);

                if (!worker.Execution.IsCutOff)
                    Interlocked.Increment(ref ended);
            }

            return worker;
        }
    }

    private static Execution NewExecution(Func<MachineImage> boot) =>
        new(new Machine(boot()), new ExplorerOptions().StepsMax);
}
