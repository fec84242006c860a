using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Finds the smallest schedule that shows the failure of a given one, and says what in it matters.</summary>
internal sealed class MinimizeCommand() : LabCommand(
    "minimize", "Find the smallest schedule with the same class of failure, and the two steps that matter")
{
    private readonly Argument<string> _schedule = new("FILE|TOKEN")
    {
        Description = "A schedule file that shows a failure, or the token of one",
    };

    private readonly Option<int> _statesMax = new("--max-states")
    {
        Description = "The most states that the exact search visits; beyond, the schedule is shrunk by trying",
        DefaultValueFactory = _ => new MinimizerOptions().StatesMax,
    };

    private readonly Option<bool> _keepSizes = new("--keep-sizes")
    {
        Description = "Do not look for smaller sizes that show it too",
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_schedule);
        command.Options.Add(_statesMax);
        command.Options.Add(_keepSizes);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        int statesMax = arguments.GetValue(_statesMax);
        if (statesMax < 0)
            throw new UsageException($"--max-states {statesMax} is impossible: 0 to {int.MaxValue}");

        string source = arguments.GetValue(_schedule)!;
        Schedule schedule = session.Read(() => ScheduleSource.Load(source));
        FailureClass failure = FailureOf(schedule);
        Experiment experiment = session.Catalogue.Resolve(schedule);
        session.PrepareOut();
        var watch = Stopwatch.StartNew();
        var options = new MinimizerOptions { StatesMax = statesMax, Seed = session.Seed };
        MinimizationReport report =
            new Minimizer(experiment.Boot, failure, options).Run(schedule.Transitions, session.Cancellation)
            ?? throw NoLonger(experiment, schedule, failure);
        (Experiment Experiment, Failing Failing)? smaller = arguments.GetValue(_keepSizes)
            ? null
            : new SmallerSizes(failure, options).Find(experiment, report.Smallest.Preemptions, session.Cancellation);
        if (smaller is { } less)
            report = Again(less.Experiment, failure, options, less.Failing, session) with { Given = report.Given };

        Experiment smallest = smaller?.Experiment ?? experiment;
        Schedule found = session.NewSchedule(smallest, "minimize").With(report.Smallest.Finding);
        Schedule minimal = found with { Transitions = report.Smallest.Schedule };
        string name = $"{experiment.Name}-{failure.Name()}-minimal";
        var saved = SavedSchedule.Save(session.Out, name, minimal);
        string token = Product.Tokens.Format(minimal);
        MinimizationText.Write(session.Text, experiment, smaller?.Experiment, failure, report);
        MinimizationText.WriteHowToRun(session.Text, saved, token, session.ModuleOptions);
        session.WriteJson(
            MinimizeReport.Of(experiment, smallest, failure, report, saved, token, watch.Elapsed.TotalSeconds),
            ReportJson.Default.MinimizeReport);
        return ExitCode.Clean;
    }

    private static MinimizationReport Again(
        Experiment experiment, FailureClass failure, MinimizerOptions options, Failing failing, Session session) =>
        new Minimizer(experiment.Boot, failure, options).Run(failing.Schedule, session.Cancellation)
        ?? throw new InvalidOperationException("a smaller size does not show the failure again: please report it");

    private static FailureClass FailureOf(Schedule schedule)
    {
        if (schedule.Verdict is not { } failure)
            throw new UsageException("the schedule shows no failure, so there is nothing to minimize");

        if (failure == FailureClass.Nondeterminism)
        {
            throw new UsageException(
                "the schedule shows that the scenario depends on something outside the machine: "
                + "no schedule of it is the same twice, so none is the smallest");
        }

        return schedule.Loop == 0
            ? failure
            : throw new UsageException(
                $"the schedule goes round a loop of {Counted.Of(schedule.Loop, "step")} for ever: "
                + "minimize takes failures that are there after some steps");
    }

    private static UsageException NoLonger(Experiment experiment, Schedule schedule, FailureClass failure)
    {
        ReplayReport replay = new Replay(new Machine(experiment.Boot())).Run(schedule.Transitions, failure);
        string what = replay.Divergence is { } divergence
            ? $"leaves its schedule at step {divergence.Step} of {schedule.Transitions.Length} ({divergence.Reason})"
            : $"shows {replay.Finding?.Class.Name() ?? "nothing wrong"}";
        return new UsageException(
            $"the schedule no longer shows {failure.Name()}: run again it {what}, so there is nothing to minimize");
    }
}
