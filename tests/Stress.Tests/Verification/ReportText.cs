using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>All that a report says of a program, and nothing of how it was searched.</summary>
internal static class ReportText
{
    internal static string Of(VerificationReport report)
    {
        string failure = report.Counterexample is { } found
            ? $"{found.Finding.Class.Name()} {found.Finding.Message} {found.IsShortest} {found.Loop} "
                + $"{found.FusedLength} [{string.Join(' ', found.Schedule)}]"
            : "none";
        string progress = report.Progress is { } said
            ? $"{said.WhyNot} {said.StarvationNotSought} {said.Starvation?.Victims} {said.Starvation?.Runners} "
                + $"[{string.Join(' ', said.Starvation?.Stem ?? [])}] [{string.Join(' ', said.Starvation?.Loop ?? [])}]"
            : "none";
        return $"""
            {report.Verdict} {report.States} {report.Transitions} {report.Deadlocks} {report.FinalStates}
            {report.MaxDepth} {report.Reason} {report.Fused} {report.FusionDropped}
            {report.SymmetryDropped} {report.CanonicalFormsDropped} {report.OmissionProbability:0.###e-0}
            {failure}
            {progress}
            """;
    }
}
