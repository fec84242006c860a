using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Schedules;

/// <summary>Schedules of every form that can be written.</summary>
internal static class ScheduleGen
{
    private static readonly Gen<string> s_line = Gen.String[0, 40].Select(Finding.FirstLineOf);

    private static readonly Gen<Transition> s_transition = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 63], Gen.Int[0, 63])
        .Select(
            (kind, subject, argument) =>
                (TransitionKind)kind switch
                {
                    TransitionKind.Dispatch => Transition.Dispatch(subject, argument),
                    TransitionKind.Preempt => Transition.Preempt(subject),
                    TransitionKind.Interrupt => Transition.Interrupt(subject, argument),
                    TransitionKind.Acknowledge => Transition.Acknowledge(subject),
                    TransitionKind.Choose => Transition.Choose(subject, argument),
                    _ => Transition.Step(subject),
                }
        );

    private static readonly Gen<Transition[]> s_transitions = Gen.Select(s_transition, Gen.Int[1, 30])
        .Select((transition, length) => Enumerable.Repeat(transition, length))
        .Array[0, 60]
        .Select(runs => runs.SelectMany(run => run).ToArray());

    private static readonly Gen<Parameters> s_parametersOfFormatOne = Gen.Select(
        Gen.Int[0, 2000].Array[6], s_line, Gen.Bool, (numbers, script, debug) => new Parameters(
            new("tasks", $"{numbers[0]}"),
            new("slots", $"{numbers[1]}"),
            new("pages", $"{numbers[2]}"),
            new("cpus", $"{numbers[3]}"),
            new("rounds", numbers[4] == 0 ? "any" : $"{numbers[4] - 1}"),
            new("depth", $"{numbers[5]}"),
            new("script", script),
            new("release", "2.6.12"),
            new("debug-highmem", debug ? "yes" : "no")));

    // Any names in any order, also none: what a parameter is called is the scenario's business.
    private static readonly Gen<Parameters> s_parameters = Gen.Select(Gen.String[Gen.Char["abyz019-"], 1, 6], s_line)
        .Select((name, value) => new ParameterValue(name, value))
        .Array[0, 12]
        .Select(values => new Parameters(values.DistinctBy(value => value.Name)));

    private static readonly Gen<(int Format, Parameters Parameters)> s_formats = Gen.Select(
        Gen.Bool, s_parametersOfFormatOne, s_parameters, (isOne, one, two) => isOne ? (1, one) : (2, two));

    internal static ScheduleText Text { get; } = new("kmaplab");

    internal static ScheduleToken Token { get; } = new("kmaplab", "kmap");

    internal static ScheduleFile Files { get; } = new("kmaplab");

    internal static Gen<Schedule> Any { get; } = Gen.Select(
        s_formats, s_transitions, s_line, Gen.ULong, Gen.Int[-1, 15], Gen.Bool,
        (format, transitions, message, number, verdict, yes) => new Schedule
        {
            Scenario = "churn",
            Variant = yes ? "no-wakeup" : null,
            Modules = number % 2 == 0 ? "one.dll, other.dll" : "",
            Format = format.Format,
            Parameters = format.Parameters,
            Start = number % 3 == 0
                ? [new NamedWords("pkmap_count", [0, 0, 0, 2, -1, (int)number]), new NamedWords("a = b", [])]
                : [],
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
        one.Transitions.AsSpan().SequenceEqual(other.Transitions)
        && WordsOf(one).SequenceEqual(WordsOf(other))
        && one with { Transitions = [], Start = [] } == other with { Transitions = [], Start = [] };

    private static IEnumerable<(string, string)> WordsOf(Schedule schedule) =>
        schedule.Start.Select(part => (part.Name, string.Join(' ', part.Words)));
}
