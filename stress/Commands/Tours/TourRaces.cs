using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>Every race of the catalogue: found, made small, saved, and replayed from its file.</summary>
internal static class TourRaces
{
    internal static List<(RaceEntry Race, TourRace Result, ExecutionTrace? Trace)> Find(
        Session session, bool minimizes)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("race", "class", "found after", "minimal (proved)", "replayed");
        var races = new List<(RaceEntry, TourRace, ExecutionTrace?)>();
        var progress = new ProgressLine(session.Terminal);
        foreach (RaceEntry race in session.Catalogue.Races)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"looking for {race.Name}");
            (TourRace result, ExecutionTrace? trace) = FindRace(session, race, minimizes);
            races.Add((race, result, trace));
            string after = result.Found ? DigitGroups.Of(result.Executions) : "NOT FOUND";
            table.AddRow(
                Markup.Escape(race.Name),
                result.Class ?? "",
                after,
                Minimal(result),
                result.Reproduced ? "yes" : "NO");
        }

        progress.Clear();
        session.Console.Write(table);
        session.Text.WriteLine(
            "found after so many executions, as kmaplab explore NAME says; minimal, as kmaplab minimize says: no "
            + "schedule has");
        session.Text.WriteLine(
            "fewer preemptions, or as many and fewer steps; replayed from the file of that schedule.");
        return races;
    }

    private static (TourRace Result, ExecutionTrace? Trace) FindRace(
        Session session, RaceEntry race, bool minimizes)
    {
        var watch = Stopwatch.StartNew();
        RaceFound? found = null;
        try
        {
            found = RaceSearch.Find(race, session.Seed, session.Jobs, session.Cancellation, minimizes);
        }
        catch (OperationCanceledException)
        {
            // Interrupted: what was found until then is told.
        }

        double seconds = watch.Elapsed.TotalSeconds;
        if (found is null)
            return (new TourRace(race.Name, false, null, 0, seconds, 0, 0, null, null, false, false, null), null);

        Schedule schedule = found.Minimal is { } form
            ? Minimization.ScheduleOf(session, form)
            : session.NewSchedule(race.Experiment, RaceSearch.Strategy).With(found.Failed);
        Finding shown = found.Minimal?.Report.Smallest.Finding ?? found.Failed.Finding;
        var saved = SavedSchedule.Replace(Path.Combine(session.Out, $"{race.Name}.schedule"), schedule);

        // Replayed from the file, on a machine of its own, as anybody else would.
        Schedule read = saved.Path is { } path ? Product.Files.Load(path) : schedule;
        Explanation explanation = ExplanationOf.Schedule(
            session.Catalogue.Resolve(read),
            read,
            saved.Path ?? Product.Tokens.Format(read),
            CancellationToken.None) with
        {
            ModuleOptions = session.ModuleOptions,
        };
        ExecutionTrace trace = explanation.Trace;
        bool isReproduced = trace.Report.Reproduced && trace.Report.Finding == shown;
        return (
            new TourRace(
                race.Name,
                true,
                found.Failed.Finding.Class.Name(),
                found.Failed.Number,
                seconds,
                found.Failed.Preemptions,
                found.Failed.Schedule.Length,
                found.Minimal?.Report.Smallest.Preemptions,
                found.Minimal?.Report.Smallest.Steps,
                found.Minimal is { Report.IsProved: true },
                isReproduced,
                saved.Path)
            {
                Report = FailurePage.Save(
                    explanation, Path.Combine(session.Out, $"{race.Name}{PictureFormats.Html.Extension}")).Path,
            },
            trace);
    }

    private static string Minimal(TourRace race) => race switch
    {
        { MinimalPreemptions: { } preemptions, MinimalSteps: { } steps } =>
            $"{(race.MinimalProved ? "" : "so far: ")}{Counted.Of(preemptions, "preemption")}, "
            + Counted.Of(steps, "step"),
        _ => "",
    };
}
