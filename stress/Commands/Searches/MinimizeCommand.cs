using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>Finds the smallest schedule that shows the failure of a given one, and says what in it matters.</summary>
internal sealed class MinimizeCommand() : LabCommand(
    "minimize", "Find the smallest schedule with the same class of failure, and the two steps that matter")
{
    private readonly Argument<string> _schedule = new("FILE|TOKEN")
    {
        Description = "A schedule file that shows a failure, or the token of one",
    };

    private readonly Option<int> _statesMax = NumberOption.Create(
        "--max-states",
        "The most states that the exact search visits; beyond, the schedule is shrunk by trying",
        0,
        int.MaxValue,
        new MinimizerOptions().StatesMax);

    private readonly Option<bool> _keepSizes = new("--keep-sizes")
    {
        Description = "Do not look for smaller sizes that show it too",
    };

    private readonly FailurePage _page = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_schedule);
        command.Options.Add(_statesMax);
        command.Options.Add(_keepSizes);
        _page.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        int statesMax = arguments.GetValue(_statesMax);
        string source = arguments.GetValue(_schedule)!;
        Schedule schedule = session.Read(() => ScheduleSource.Load(source));
        FailureClass failure = FailureOf(schedule);
        Experiment experiment = session.Catalogue.Resolve(schedule);
        session.PrepareOut();
        var watch = Stopwatch.StartNew();
        var options = new MinimizerOptions { StatesMax = statesMax, Seed = session.Seed };
        MinimalForm form =
            MinimalForm.Find(
                experiment,
                failure,
                schedule.Transitions,
                options,
                schedule.Loop,
                arguments.GetValue(_keepSizes),
                session.Cancellation)
            ?? throw NoLonger(experiment, schedule, failure);
        Schedule minimal = Minimization.ScheduleOf(session, form);
        string name = ProgramSource.NameOf(experiment);
        var saved = SavedSchedule.Save(session.Out, $"{name}-{failure.Name()}-minimal", minimal);
        string token = Product.Tokens.Format(minimal);
        MinimizationText.Write(session.Text, failure, form);
        SavedSchedule? page = _page.IsWanted(arguments) ? FailurePage.Write(session, minimal, saved) : null;
        MinimizationText.WriteHowToRun(session.Text, saved, page, token, session.ModuleOptions);
        session.WriteJson(
            MinimizeReport.Of(name, failure, form, saved, token) with
            {
                Seconds = watch.Elapsed.TotalSeconds,
                Report = page?.Path,
            },
            ReportJson.Default.MinimizeReport);
        return ExitCode.Clean;
    }

    private static FailureClass FailureOf(Schedule schedule)
    {
        if (schedule.Verdict is not { } failure)
            throw new UsageException("the schedule shows no failure, so there is nothing to minimize");

        return MinimalForm.WhyNone(failure) is { } reason
            ? throw new UsageException($"the schedule shows {failure.Name()}, and has no smallest form: {reason}")
            : failure;
    }

    private static UsageException NoLonger(Experiment experiment, Schedule schedule, FailureClass failure)
    {
        ReplayReport replay = new Replay(new Machine(experiment.Boot())).Run(
            schedule.Transitions, failure, schedule.Loop);
        string what = replay.Divergence is { } divergence
            ? $"leaves its schedule at step {divergence.Step} of {schedule.Transitions.Length} ({divergence.Reason})"
            : $"shows {replay.Finding?.Class.Name() ?? "nothing wrong"}";
        return new UsageException(
            $"the schedule no longer shows {failure.Name()}: run again it {what}, so there is nothing to minimize");
    }
}
