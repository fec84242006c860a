using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>Makes what a search has found as small as can be, unless that is not wanted, and keeps it.</summary>
internal sealed class Minimization
{
    private readonly Option<bool> _none = new("--no-minimize")
    {
        Description = "Only tell what was found: do not look for its smallest form",
    };

    internal void AddTo(Command command) => command.Options.Add(_none);

    internal bool IsWanted(ParseResult arguments) => !arguments.GetValue(_none);

    /// <summary>The failure with its smallest form, of which a schedule is kept beside that of the failure.</summary>
    internal static FailureReport Add(
        FailureReport failure,
        Session session,
        string name,
        Experiment experiment,
        FailureClass failed,
        Transition[] schedule,
        int loop)
    {
        if (MinimalForm.WhyNone(failed) is { } reason)
            return failure with { NotMinimized = reason };

        try
        {
            return Find(session, experiment, failed, schedule, loop) is { } form
                ? Keep(failure, session, name, failed, form)
                : failure with { NotMinimized = "run again it does not show the failure" };
        }
        catch (OperationCanceledException)
        {
            return failure with { NotMinimized = "interrupted before it was found" };
        }
        catch (Exception exception) when (exception is UsageException or InvalidOperationException)
        {
            // It runs what the search has not run, which may be refused; what was found is told all the same.
            return failure with { NotMinimized = Finding.FirstLineOf(exception.Message) };
        }
    }

    /// <summary>What minimize finds for this schedule unless told otherwise.</summary>
    internal static MinimalForm? Find(
        Session session, Experiment experiment, FailureClass failed, Transition[] schedule, int loop) =>
        MinimalForm.Find(
            experiment,
            failed,
            schedule,
            new MinimizerOptions { Seed = session.Seed },
            loop,
            cancellation: session.Cancellation);

    /// <summary>The smallest schedule of a failure.</summary>
    internal static Schedule ScheduleOf(Session session, MinimalForm form) =>
        session.NewSchedule(form.Experiment, "minimize").With(form.Report.Smallest.Finding) with
        {
            Transitions = form.Report.Smallest.Schedule,
            Loop = form.Report.Loop,
        };

    private static FailureReport Keep(
        FailureReport failure, Session session, string name, FailureClass failed, MinimalForm form)
    {
        Schedule minimal = ScheduleOf(session, form);
        string file = failure.Schedule is { } path
            ? Path.GetFileNameWithoutExtension(path)
            : $"{name}-{failed.Name()}";
        var saved = SavedSchedule.Save(session.Out, $"{file}-minimal", minimal);
        return failure with
        {
            Form = form,
            Minimal = MinimizeReport.Of(name, failed, form, saved, Product.Tokens.Format(minimal)),
        };
    }
}
