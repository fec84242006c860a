using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

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

    /// <summary>Where all runs are kept; null if only one that has failed is.</summary>
    internal RecordingPipe? Pipe { get; init; }

    /// <summary>Runs it.</summary>
    internal SoakResult Run(CancellationToken cancellation)
    {
        using ThreadMachine machine = ThreadTarget.Boot(experiment, options, _wakeups);
        using var timeIsUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool mayEnd = experiment.Size.Rounds == ScenarioSize.AnyRounds;
        bool isBegunAgain = mayEnd
            && options.Records
            && experiment.Scenario.Attribute.BeginsAgain
            && experiment.Detectors.Count == 0; // Nobody knows what those of modules keep.
        var recorder = new FlightRecorder(Pipe);
        ThreadTotals? done = null;
        ThreadRun run;
        int runs = 0;
        bool hasEnded = false;
        bool isKept = true;
        LastRun last = default;
        var watch = Stopwatch.StartNew();
        timeIsUp.CancelAfter(options.Time);
        do
        {
            ThreadTotals? before = done;
            run = machine.Run(
                totals => Progress?.Invoke(watch.Elapsed.TotalSeconds, before?.Plus(totals) ?? totals),
                isBegunAgain ? epoch => isKept = recorder.Keep(epoch) : null,
                mayEnd ? timeIsUp.Token : CancellationToken.None,
                mayEnd ? CancellationToken.None : timeIsUp.Token);
            done = before?.Plus(run.Totals) ?? run.Totals;
            runs++;
            hasEnded |= run.IsComplete;
            if (isKept)
                last = Take(machine, run, recorder);

            if (Pipe is not null && last.Epochs is [.., { } epoch])
                isKept = isKept && Pipe.Add(epoch);

            Progress?.Invoke(watch.Elapsed.TotalSeconds, done); // Short runs end before anybody looks.
        }
        while (isKept && run is { Finding: null, ThreadsLeft: 0 } && !timeIsUp.IsCancellationRequested);

        return new SoakResult(
            run.Finding, done, runs + recorder.Epochs, hasEnded || recorder.Epochs > 0, run.ThreadsLeft,
            watch.Elapsed.TotalSeconds, _wakeups.Read())
        {
            MemoryNote = machine.MemoryNote,
            MappingCalls = machine.MappingCalls,
            Recording = last.Recording,
            Epochs = last.Recording is null ? [] : last.Epochs,
            NotRecorded = last.Problem,
            Kept = Pipe?.Finish(),
        };
    }

    // What is to be kept, and if it has failed, its order.
    private LastRun Take(ThreadMachine machine, ThreadRun run, FlightRecorder recorder)
    {
        if (!options.Records || (run.Finding is null && Pipe is null))
            return default;

        try
        {
            ThreadEpoch last = machine.TakeEpoch(run);
            return new LastRun(recorder.With(last), run.Finding is null ? null : last.Order(), null);
        }
        catch (RecordingException exception)
        {
            return new LastRun(null, null, exception.Message);
        }
    }

    private readonly record struct LastRun(
        IReadOnlyList<ThreadEpoch>? Epochs, ThreadRecording? Recording, string? Problem);
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

    /// <summary>The latest run, if it has failed.</summary>
    internal ThreadRecording? Recording { get; init; }

    /// <summary>The same as it was written down, behind the run before it if it goes on from that.</summary>
    internal IReadOnlyList<ThreadEpoch>? Epochs { get; init; }

    /// <summary>Why the latest run cannot be replayed, although it should be.</summary>
    internal string? NotRecorded { get; init; }

    /// <summary>What was kept of all runs; null if nobody asked for that.</summary>
    internal RecordingPipeReport? Kept { get; init; }
}
