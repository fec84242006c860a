using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Threads;

namespace Kmaplab.Stress.Soaking;

/// <summary>Runs an experiment on threads until time is up or something is wrong.</summary>
/// <remarks>
/// Tasks that may end after each round end when time is up, or with jitter by chance, and what must hold at the end is
/// looked at. Who has ended before time is up is run again. Tasks that never end are left where they are.
/// </remarks>
internal sealed class Soak(Experiment experiment, SoakOptions options)
{
    private readonly WakeupHistogram _wakeups = new();

    /// <summary>Called many times a second, with the seconds so far and what was done in them.</summary>
    internal Action<double, ThreadTotals>? Progress { get; init; }

    /// <summary>Runs it.</summary>
    internal SoakResult Run(CancellationToken cancellation)
    {
        using ThreadMachine machine = ThreadTarget.Boot(experiment, options, _wakeups);
        using var timeIsUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool mayEnd = experiment.Size.Rounds == ScenarioSize.AnyRounds;
        ThreadTotals? done = null;
        ThreadRun run;
        int runs = 0;
        var watch = Stopwatch.StartNew();
        timeIsUp.CancelAfter(options.Time);
        do
        {
            ThreadTotals? before = done;
            run = machine.Run(
                totals => Progress?.Invoke(watch.Elapsed.TotalSeconds, before?.Plus(totals) ?? totals),
                mayEnd ? timeIsUp.Token : CancellationToken.None,
                mayEnd ? CancellationToken.None : timeIsUp.Token);
            done = before?.Plus(run.Totals) ?? run.Totals;
            runs++;
            Progress?.Invoke(watch.Elapsed.TotalSeconds, done); // Short runs end before anybody looks.
        }
        while (run.Finding is null && !timeIsUp.IsCancellationRequested);

        return new SoakResult(
            run.Finding, done, runs, runs > 1 || run.IsComplete, run.ThreadsLeft, watch.Elapsed.TotalSeconds,
            _wakeups.Read())
        {
            MemoryNote = machine.MemoryNote,
            MappingCalls = machine.MappingCalls,
            Recording = Take(machine, run, out string? problem),
            NotRecorded = problem,
        };
    }

    // The latest run, if somebody wants to see it again.
    private ThreadRecording? Take(ThreadMachine machine, ThreadRun run, out string? problem)
    {
        problem = null;
        if (!options.Records || (run.Finding is null && !options.RecordsAll))
            return null;

        try
        {
            return machine.TakeRecording(run);
        }
        catch (RecordingException exception)
        {
            problem = exception.Message;
            return null;
        }
    }
}

/// <summary>What a soak has shown.</summary>
/// <param name="Finding">What is wrong; null if nothing was found.</param>
/// <param name="Totals">What was done.</param>
/// <param name="Runs">How often it ran from the beginning.</param>
/// <param name="HasEnded">Some run ended by itself, so that its end was looked at.</param>
/// <param name="ThreadsLeft">Threads that did not come back.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Latency">From wake-up to run; null if nobody slept.</param>
internal sealed record SoakResult(
    Finding? Finding,
    ThreadTotals Totals,
    int Runs,
    bool HasEnded,
    int ThreadsLeft,
    double Seconds,
    WakeupLatency? Latency)
{
    /// <summary>Where real memory is not where it should be.</summary>
    internal string? MemoryNote { get; init; }

    /// <summary>Calls of mmap().</summary>
    internal long MappingCalls { get; init; }

    /// <summary>The latest run, if it has failed, or all was to be kept.</summary>
    internal ThreadRecording? Recording { get; init; }

    /// <summary>Why the latest run cannot be replayed, although it should be.</summary>
    internal string? NotRecorded { get; init; }
}
