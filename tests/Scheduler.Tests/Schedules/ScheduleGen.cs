using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Schedules;

/// <summary>Schedules of every form that can be written.</summary>
internal static class ScheduleGen
{
    private static readonly Gen<string> s_line = Gen.String[0, 40].Select(Finding.FirstLineOf);

    private static readonly Gen<Transition> s_transition = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 63], Gen.Int[0, 63]).Select((kind, subject, argument) =>
        (TransitionKind)kind switch
        {
            TransitionKind.Dispatch => Transition.Dispatch(subject, argument),
            TransitionKind.Preempt => Transition.Preempt(subject),
            TransitionKind.Interrupt => Transition.Interrupt(subject, argument),
            TransitionKind.Acknowledge => Transition.Acknowledge(subject),
            TransitionKind.Choose => Transition.Choose(subject, argument),
            _ => Transition.Step(subject),
        });

    private static readonly Gen<Transition[]> s_transitions = Gen.Select(s_transition, Gen.Int[1, 30])
        .Select((transition, length) => Enumerable.Repeat(transition, length))
        .Array[0, 60]
        .Select(runs => runs.SelectMany(run => run).ToArray());

    private static readonly Gen<ScenarioSize> s_size = Gen.Select(Gen.Int[0, 2000].Array[6], s_line, Gen.Bool).Select((parts, script, debug) => new ScenarioSize
    {
        Tasks = parts[0],
        Slots = parts[1],
        Pages = parts[2],
        Cpus = parts[3],
        Rounds = parts[4] - 1,
        Depth = parts[5],
        Script = script,
        Release = "2.6.12",
        DebugHighmem = debug,
    });

    internal static Gen<Schedule> Any { get; } = Gen.Select(s_size, s_transitions, s_line, Gen.ULong, Gen.Int[-1, 15], Gen.Bool).Select((size, transitions, message, number, verdict, yes) =>
        new Schedule
        {
            Scenario = "churn",
            Variant = yes ? "no-wakeup" : null,
            Modules = number % 2 == 0 ? "one.dll, other.dll" : "",
            Size = size,
            Preempt = yes,
            Points = yes ? SchedulingPoints.All : SchedulingPoints.Observable,
            Build = number,
            Strategy = "random",
            Seed = ulong.MaxValue - number,
            Execution = (long)(number >> 1),
            Verdict = verdict < 0 ? null : (FailureClass)verdict,
            Message = message,
            Transitions = transitions,
        });

    internal static bool Same(Schedule one, Schedule other) =>
        one.Transitions.AsSpan().SequenceEqual(other.Transitions) && one with { Transitions = [] } == other with { Transitions = [] };
}
