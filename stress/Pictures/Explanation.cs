using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>A schedule, what it does, and what matters in it: all that a picture of it is made from.</summary>
/// <param name="Experiment">What runs.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Trace">What it does.</param>
internal sealed record Explanation(Experiment Experiment, Schedule Schedule, ExecutionTrace Trace)
{
    private IReadOnlyList<Lane>? _lanes;
    private IReadOnlyList<Arrow>? _arrows;
    private IReadOnlyList<StoryLine>? _story;

    /// <summary>What matters in it; null if nothing failed, or it is too long for that.</summary>
    internal FailureAnalysis? Analysis { get; init; }

    /// <summary>The nearest execution that does not fail; null if none was found.</summary>
    internal ExecutionTrace? Passing { get; init; }

    /// <summary>The same as one word.</summary>
    internal required string Token { get; init; }

    /// <summary>How the schedule was given: the path of its file, or the token.</summary>
    internal required string Source { get; init; }

    /// <summary>The options without which its scenario is not there, each after a blank.</summary>
    internal string ModuleOptions { get; init; } = "";

    /// <summary>Whether it was recorded with just this code.</summary>
    internal bool IsSameBuild { get; init; } = true;

    internal IReadOnlyList<Lane> Lanes => _lanes ??= Pictures.Lanes.Of(Trace);

    internal IReadOnlyList<Arrow> Arrows => _arrows ??= Pictures.Arrows.Of(Trace, Analysis?.Pair);

    internal IReadOnlyList<StoryLine> Story => _story ??= Pictures.Story.Tell(this);

    /// <summary>The verdict in a word or two: the class of failure, or that there is none, or another one.</summary>
    internal string Verdict => Trace.Report switch
    {
        { Finding: { } finding } => finding.Class.Name(),
        { Reproduced: true } => "nothing wrong",
        _ => "not reproduced",
    };

    /// <summary>What the schedule says of itself, where that did not happen; null where it did.</summary>
    internal string? Promise => Trace.Report.Reproduced
        ? null
        : $"the schedule says {Schedule.Verdict?.Name() ?? "nothing wrong"} in {Schedule.Transitions.Length} steps";

    /// <summary>What is wrong, in one line; and if nothing is, that.</summary>
    internal string Headline => Trace.Report switch
    {
        { Divergence: { } divergence } =>
            $"left its schedule at step {divergence.Step} of {Schedule.Transitions.Length}: {divergence.Reason}",
        { Finding: { } finding } => finding.Message.Split('\n')[0],
        _ => "nothing is wrong",
    };
}
