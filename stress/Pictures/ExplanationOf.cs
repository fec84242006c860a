using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Pictures;

/// <summary>Runs a schedule again, and looks for what matters in it.</summary>
internal static class ExplanationOf
{
    /// <summary>
    /// The most steps of a schedule in which the critical pair is sought: that takes time that grows with their square.
    /// </summary>
    internal const int AnalysedStepsMax = 200;

    private const int StepsMax = 100_000; // Beyond, nobody looks at it: a page has 200 bytes for a step.

    /// <param name="experiment">What runs.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="source">How it was given.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="UsageException">It is too long.</exception>
    internal static Explanation Schedule(
        Experiment experiment, Schedule schedule, string source, CancellationToken cancellation)
    {
        if (schedule.Transitions.Length > StepsMax)
        {
            throw new UsageException(
                $"the schedule has {schedule.Transitions.Length} steps, and at most {StepsMax} are explained: "
                + "make it smaller (kmaplab minimize)");
        }

        MachineImage image = experiment.Boot();
        MachineImage traced = experiment.Unoptimized().Boot();
        var trace = ExecutionTrace.Record(
            new Machine(traced), schedule.Transitions, schedule.Verdict, schedule.Loop);
        FailureAnalysis? analysis = trace.Report is { Reproduced: true, Finding.Class: var failure }
            && schedule.Loop == 0
            && schedule.Transitions.Length <= AnalysedStepsMax
                ? FailureAnalysis.Of(image, schedule.Transitions, failure, new MinimizerOptions(), cancellation)
                : null;
        return new Explanation(experiment, schedule, trace)
        {
            Analysis = analysis,
            Passing = analysis is { Passing.Length: > 0 } found ? PassingTrace(traced, found) : null,
            Token = Product.Tokens.Format(schedule),
            Source = source,
            IsSameBuild = schedule.Build == experiment.Build,
        };
    }

    private static ExecutionTrace PassingTrace(MachineImage image, FailureAnalysis analysis) =>
        ExecutionTrace.Record(new Machine(image), analysis.Passing, expected: (FailureClass?)null);
}
