namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>All counterexamples of the other checks, run again from their tokens; it comes last.</summary>
internal sealed class ReplaysSection : SelfcheckSection
{
    internal override string Name => "replays";

    internal override string What =>
        "every counterexample shows the same failure again, on a machine booted anew that reads it from its token";

    internal override SectionResult Run(SelfcheckRun run) =>
        new(
            run.Replays.Count,
            "counterexamples of the other checks",
            run.Replays.Problems,
            !run.Cancellation.IsCancellationRequested);
}
