using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>Writes every counterexample as a token, reads it back, and runs it on a machine booted anew.</summary>
internal sealed class ReplayLog
{
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _problems = new(StringComparer.Ordinal); // Threads come in any order.
    private int _count;

    internal int Count => _count;

    internal IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock)
                return [.. _problems];
        }
    }

    /// <summary>Runs a schedule of a machine that does not fuse; true if it shows the same class of failure.</summary>
    internal bool Check(Experiment experiment, string by, FailureClass failure, Transition[] transitions, int loop)
    {
        Schedule schedule = experiment.NewSchedule(by, seed: 0) with
        {
            Verdict = failure,
            Transitions = transitions,
            Loop = loop,
        };
        string token = Product.Tokens.Format(schedule);
        Schedule read = Product.Tokens.Parse(token);
        ReplayReport report = new Replay(new Machine(experiment.Boot())).Run(read.Transitions, read.Verdict, read.Loop);
        Interlocked.Increment(ref _count);
        if (report.Reproduced)
            return true;

        string instead = report.Divergence is { } divergence
            ? $"at step {divergence.Step} {divergence.Reason}"
            : $"shows {report.Finding?.Class.Name() ?? "nothing wrong"}";
        lock (_lock)
            _problems.Add(
                $"{Subject.Of(experiment)}: {failure.Name()} found by {by} does not replay: {instead}: {token}");

        return false;
    }
}
