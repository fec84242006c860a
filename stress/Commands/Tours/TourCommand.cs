using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>
/// The main job: every race of the catalogue is found and replayed, and the port without them shows nothing.
/// </summary>
internal sealed class TourCommand()
    : LabCommand("tour", "Find and replay every race, show that the port is free of them, write out/index.html")
{
    private readonly Minimization _minimization = new();

    protected override void AddOptions(Command command) => _minimization.AddTo(command);

    internal override int Run(Session session, ParseResult arguments)
    {
        session.PrepareOut();
        List<(RaceEntry Race, TourRace Result, ExecutionTrace? Trace)> races =
            TourRaces.Find(session, _minimization.IsWanted(arguments));
        List<TourCheck> verified = TourPort.Verify(session);
        List<TourExploration> explored = TourPort.Explore(session);
        TourSizes sizes = TourMaps.Draw(session);
        TourMatrix matrix = TourStrategies.Measure(session);
        List<TourSoak> threads = TourThreads.Measure(session);
        bool ok = races.TrueForAll(race => race.Result is { Found: true, Reproduced: true, Schedule: not null })
            && verified.TrueForAll(check => check.Verdict == "verified")
            && explored.TrueForAll(exploration => exploration.Failure is null)
            && sizes.Ok
            && matrix.Untested.Length == 0
            && threads.TrueForAll(soak => soak.Failure is null)
            && !session.Cancellation.IsCancellationRequested;

        string page = Path.Combine(session.Out, "index.html");
        var report = new TourReport(
            [.. races.Select(race => race.Result)], [.. verified], [.. explored], matrix, sizes, page, ok)
        {
            Threads = [.. threads],
        };
        session.WriteJson(report, ReportJson.Default.TourReport);
        // Last: if it cannot be written, all has been told.
        WholeFile.Write(page, TourPage.Render(session.Seed, races, report));
        if (session.Cancellation.IsCancellationRequested)
        {
            session.Text.WriteLine($"interrupted: what was found until then is in {Printable.Of(page)}");
            return ExitCode.NoAnswer;
        }

        session.Text.WriteLine(
            ok
                ? $"All {races.Count} races found and replayed; nothing wrong in the port itself. The stories: "
                    + $"{Printable.Of(page)}"
                : $"NOT as expected: see the tables above, and {Printable.Of(page)}");
        return ok ? ExitCode.Clean : ExitCode.Failure;
    }
}
