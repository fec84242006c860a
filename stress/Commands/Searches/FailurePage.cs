using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>
/// Writes the page that tells what a search has found, in its smallest form if it has one, unless that is not wanted.
/// </summary>
internal sealed class FailurePage
{
    private const int StepsMax = 10_000; // What a page needs a second for; explain takes more.

    private readonly Option<bool> _none = new("--no-report")
    {
        Description = "Do not write the page that tells a failure (NAME.html, as explain does)",
    };

    internal void AddTo(Command command) => command.Options.Add(_none);

    internal bool IsWanted(ParseResult arguments) => !arguments.GetValue(_none);

    /// <summary>The failure with its page, which lies beside the schedule that it shows.</summary>
    /// <param name="failure">What was found and kept, with its smallest form if that is wanted too.</param>
    /// <param name="session">Whose folder and catalogue are used.</param>
    /// <param name="found">The schedule that was found.</param>
    internal static FailureReport Add(FailureReport failure, Session session, Schedule found)
    {
        Schedule shown = failure.Form is { } form ? Minimization.ScheduleOf(session, form) : found;
        SavedSchedule kept = failure.Minimal is { } minimal
            ? new SavedSchedule(minimal.Schedule, minimal.NotSaved)
            : new SavedSchedule(failure.Schedule, failure.NotSaved);
        SavedSchedule page = Write(session, shown, kept);
        return failure with { Report = page.Path, NotReported = page.Problem };
    }

    /// <summary>
    /// Writes the page of a schedule that was kept; whatever goes wrong with it is told, and no more.
    /// </summary>
    internal static SavedSchedule Write(Session session, Schedule schedule, SavedSchedule kept)
    {
        if (schedule.Verdict == FailureClass.Nondeterminism)
            return new SavedSchedule(null, "it is not the same twice, so there is no one story");

        if (kept.Path is not { } file)
            return new SavedSchedule(null, "it lies beside the schedule, and that could not be saved");

        if (schedule.Transitions.Length > StepsMax)
            return new SavedSchedule(null, $"it has more than {StepsMax} steps; explain --format html takes them");

        try
        {
            Explanation explanation = ExplanationOf.Schedule(
                session.Catalogue.Resolve(schedule), schedule, file, session.Cancellation) with
            {
                ModuleOptions = session.ModuleOptions,
            };
            return Save(explanation, Path.ChangeExtension(file, PictureFormats.Html.Extension));
        }
        catch (OperationCanceledException)
        {
            return new SavedSchedule(null, "interrupted before it was written");
        }
        catch (Exception exception) when (exception is UsageException or InvalidOperationException)
        {
            // What was found is told all the same.
            return new SavedSchedule(null, Finding.FirstLineOf(exception.Message));
        }
    }

    /// <summary>Writes a page. A disk that is full must not take away what was found.</summary>
    internal static SavedSchedule Save(Explanation explanation, string path) => SavedSchedule.Try(() =>
    {
        WholeFile.Write(path, stream => PictureFormats.Html.Write(explanation, stream));
        return path;
    });
}
