using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands;

/// <summary>
/// A failure on threads, done again on the simulated machine, where it has a schedule and a smallest form.
/// </summary>
/// <param name="Failure">It; null if it does not show there.</param>
/// <param name="WhyNot">Why it does not; null if it does.</param>
internal sealed record SimulatedFailure(FailureReport? Failure, string? WhyNot)
{
    /// <summary>Replays a recording that has failed.</summary>
    internal static SimulatedFailure Of(
        Session session, string name, Experiment experiment, Recording recording, bool isMinimized, bool isReported)
    {
        Experiment onMachine = experiment with
        {
            Points = SchedulingPoints.All,
            Start = recording.Run.Start,
        };
        MachineImage image = onMachine.Boot();
        RecordingReport replay = new RecordingReplay(image, recording).Run();
        if (replay is not { Reproduced: true, FirstFinding: { } finding })
            return new SimulatedFailure(null, replay.Divergence ?? "it shows nothing wrong, or something else");

        Schedule schedule = session.NewSchedule(onMachine, Recording.Strategy).With(finding) with
        {
            Seed = recording.Experiment.Seed,
            Execution = 1,
            Transitions = replay.Transitions,
        };
        ReplayReport again = new Replay(new Machine(image)).Run(schedule.Transitions, schedule.Verdict, loop: 0);
        if (!again.Reproduced)
            return new SimulatedFailure(null, "as a schedule it does not show the same");

        session.PrepareOut();
        FailureReport failure = FailureWriter.Save(session.Out, name, schedule, finding, again.Preemptions);
        if (isMinimized)
            failure = Minimization.Add(
                failure, session, name, onMachine, finding.Class, schedule.Transitions, loop: 0);

        return new SimulatedFailure(isReported ? FailurePage.Add(failure, session, schedule) : failure, null);
    }

    /// <summary>Tells people.</summary>
    internal void Write(TextWriter text, string modules)
    {
        if (Failure is not { } failure)
        {
            text.WriteLine($"  the simulated machine does not do the same: {WhyNot}");
            return;
        }

        text.WriteLine(
            $"  the simulated machine shows the same in {Counted.Of(failure.Steps, "step")}, "
            + $"{Counted.Of(failure.Preemptions, "preemption")}");
        var saved = new SavedSchedule(failure.Schedule, failure.NotSaved);
        string token = failure.Token;
        if (failure.Minimal is { } minimal)
        {
            MinimizationText.WriteForm(text, failure.Form!);
            saved = new SavedSchedule(minimal.Schedule, minimal.NotSaved);
            token = minimal.Token;
        }
        else if (failure.NotMinimized is { } reason)
        {
            text.WriteLine($"  no smallest form: {reason}");
        }

        MinimizationText.WriteHowToRun(text, saved, failure.Page, token, modules);
    }
}
