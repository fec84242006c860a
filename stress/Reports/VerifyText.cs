using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports;

/// <summary>The outcome of an exhaustive search, for people.</summary>
internal static class VerifyText
{
    private const long StatesForRates = 100_000; // Below, the tables are mostly empty.

    internal static void Write(
        TextWriter text,
        string name,
        string sizes,
        VerificationReport report,
        LivenessResult? liveness,
        FailureReport? failure,
        double seconds,
        string? kept,
        string modules)
    {
        if (failure is not null)
            FailureWriter.Write(text, name, failure, modules);

        text.WriteLine($"{(sizes.Length > 0 ? $"{name} {sizes}" : name)}: {Headline(report)}");
        text.WriteLine(
            $"  {Counted.Of(report.States, "state")}, {Counted.Of(report.Transitions, "transition")}, depth "
            + $"{report.MaxDepth}; {seconds:f2} s{Since(report)}, "
            + $"{(report.Transitions - report.TransitionsBefore) / seconds / 1e6:f1} M transitions/s"
                + (
                    report.States < StatesForRates
                        ? ""
                        : $", {(double)report.TableBytes / report.States:f0} bytes a state"));
        if (report.OmissionProbability > 0)
            text.WriteLine(
                $"  a hash collision has hidden a state with probability below {report.OmissionProbability:0.#e-0}");

        if (report.FusionDropped is { } obstacle)
            text.WriteLine($"  searched without fusion: {obstacle}");

        if (report.CanonicalFormsDropped is { } renumbered)
            text.WriteLine($"  searched without rewriting states: {renumbered}");

        if (report.SymmetryDropped is { } asymmetry)
            text.WriteLine($"  searched without symmetry of tasks: {asymmetry}");

        if (kept is not null)
            text.WriteLine($"  kept in {Printable.Of(kept)}: the same command with --resume goes on");

        if (report.SpilledBytes > 0)
            text.WriteLine($"  {MiB(report.SpilledBytes)} of states went to disk");

        if (liveness is null)
            return;

        if (liveness.Checked)
            text.WriteLine($"  progress: {liveness.Summary}");

        if (liveness.Schedule is { } path)
            text.WriteLine(
                $"    {Counted.Of(liveness.Stem, "step")} to the loop, {Counted.Of(liveness.Loop, "step")} once "
                + $"round; to see it: kmaplab replay {Printable.Argument(path)} --trace{modules}");

        if (liveness.NotSaved is { } problem)
            text.WriteLine(
                $"    {Counted.Of(liveness.Stem, "step")} to the loop, {Counted.Of(liveness.Loop, "step")} once "
                + $"round; its schedule could not be saved: {Printable.Of(problem)}");
    }

    private static string Since(VerificationReport report) => report.TransitionsBefore == 0
        ? ""
        : $" since it was gone on with at {Counted.Of(report.TransitionsBefore, "transition")}";

    private static string Headline(VerificationReport report) =>
        report.Verdict switch
        {
            Verdict.Verified =>
                "verified: nothing is wrong in any reachable state, and from each of them every task can finish",
            Verdict.VerifiedSafety =>
                $"verified (safety; progress not proved: {report.Progress?.WhyNot}): nothing is wrong in any "
                + "reachable state",
            Verdict.Violated => "violated: the schedule above shows it",
            _ => $"inconclusive: {report.Reason}",
        };

    private static string MiB(long bytes) => bytes < 1 << 20 ? "less than 1 MiB" : $"{bytes >> 20} MiB";
}
