using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Replays traces on a port and compares every step.</summary>
public sealed class Conformer(PortFactory makePort)
{
    /// <summary>Compares with the port as it is.</summary>
    public Conformer()
        : this((boot, config) => new HighMemory<SimulatedKernel>(boot, config))
    {
    }

    /// <summary>Compares all traces that a path stands for, so many at once.</summary>
    public ConformanceReport CompareAll(string path, int jobs = 1) => Compare(TraceFiles.Find(path), jobs);

    /// <summary>
    /// Compares files, so many at once. The report, and which unreadable file is named, depend on their order only.
    /// </summary>
    /// <remarks>
    /// Once cancelled, it begins no further file, and leaves those that it has not finished; they are missing in the
    /// report.
    /// </remarks>
    public ConformanceReport Compare(IEnumerable<string> files, int jobs = 1, CancellationToken cancellation = default)
    {
        ConformanceReport all = ConformanceReport.Nothing;
        ParallelQuery<Outcome> outcomes = files
            .AsParallel()
            .AsOrdered()
            .WithDegreeOfParallelism(jobs)
            .Select(file => TryCompare(file, cancellation));
        foreach ((ConformanceReport? report, Exception? failure) in outcomes)
        {
            if (failure is not null)
                ExceptionDispatchInfo.Throw(failure);

            all = all.Merge(report!);
        }

        return all;
    }

    /// <summary>Compares one trace from where the reader stands; the name stands for it in messages.</summary>
    public ConformanceReport Compare(TraceReader trace, string name)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var comparison = new TraceComparison(trace, name, makePort);
        Mismatch? mismatch = comparison.Run();
        return new ConformanceReport(Traces: 1, comparison.Steps, mismatch is null ? 0 : 1, mismatch);
    }

    private Outcome TryCompare(string file, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return new Outcome(ConformanceReport.Nothing, null);

        // A pipe that nobody writes keeps its reader waiting for ever.
        Task<Outcome> comparing = Task.Factory.StartNew(
            () => TryCompare(file),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            comparing.Wait(cancellation);
            return comparing.Result;
        }
        catch (OperationCanceledException)
        {
            return new Outcome(ConformanceReport.Nothing, null);
        }
    }

    private Outcome TryCompare(string file)
    {
        try
        {
            using TraceReader reader = TraceReader.Open(file);
            return new Outcome(Compare(reader, file), null);
        }
        catch (Exception failure)
        {
            return new Outcome(null, failure);
        }
    }

    private readonly record struct Outcome(ConformanceReport? Report, Exception? Failure);
}
