using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>Makes failures as small as can be, as minimize does, and gives each its fingerprint.</summary>
internal sealed class MinimalFailure(Experiment experiment, ulong seed, CancellationToken cancellation)
{
    /// <summary>The smallest form of a failure that a strategy has found; itself if there is none.</summary>
    internal PieceFailure Of(string strategy, FailedExecution found)
    {
        if (MinimalForm.WhyNone(found.Finding.Class) is { } reason)
            return AsFound(strategy, found, reason);

        MinimalForm? form;
        try
        {
            form = MinimalForm.Find(
                experiment,
                found.Finding.Class,
                found.Schedule,
                new MinimizerOptions { Seed = seed },
                found.Loop,
                cancellation: cancellation);
        }
        catch (Exception exception) when (exception is UsageException or InvalidOperationException)
        {
            // It runs what the search has not run; what was found is told all the same.
            return AsFound(strategy, found, Finding.FirstLineOf(exception.Message));
        }

        return form is null
            ? throw new InvalidOperationException(
                $"run again, execution {found.Number} does not show {found.Finding.Class.Name()}: something outside "
                + "the machine changes what happens")
            : Of(form);
    }

    private PieceFailure Of(MinimalForm form)
    {
        MinimizationReport report = form.Report;
        Schedule schedule = ModuleFiles.NewSchedule(form.Experiment, "minimize", seed)
            .With(report.Smallest.Finding) with
        {
            Transitions = report.Smallest.Schedule,
            Loop = report.Loop,
        };
        string[] culprits = report.Pair is { } pair ? [pair.First.Function, pair.Second.Function] : [];
        return Of(form.Experiment, schedule, report.Smallest.Finding, culprits) with
        {
            Preemptions = report.Smallest.Preemptions,
            IsProved = report.IsProved,
        };
    }

    private PieceFailure AsFound(string strategy, FailedExecution found, string reason)
    {
        Schedule schedule = ModuleFiles.NewSchedule(experiment, strategy, seed).With(found);
        return Of(experiment, schedule, found.Finding, []) with
        {
            Preemptions = found.Preemptions,
            NotMinimized = reason,
        };
    }

    private static PieceFailure Of(Experiment shown, Schedule schedule, Finding finding, string[] culprits)
    {
        string[] functions =
        [
            .. (culprits.Length > 0 ? culprits : LastFunction(shown, schedule)).Order(StringComparer.Ordinal),
        ];
        return new PieceFailure
        {
            Fingerprint = FailureFingerprint.Of(shown, schedule, finding.Class, functions),
            Class = finding.Class.Name(),
            Message = finding.Message,
            Culprits = functions,
            Steps = schedule.Transitions.Length,
            Schedule = Product.Texts.Format(schedule),
        };
    }

    private static string[] LastFunction(Experiment shown, Schedule schedule)
    {
        if (schedule.Verdict == FailureClass.Nondeterminism)
            return [];

        var trace = ExecutionTrace.Record(
            new Machine(shown.Boot()), schedule.Transitions, schedule.Verdict, schedule.Loop);
        return trace.Steps is [.., { Operations: [var operation, ..] }] ? [operation.Function] : [];
    }
}
