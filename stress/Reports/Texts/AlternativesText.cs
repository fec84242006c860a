using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Reports.Texts;

/// <summary>The alternatives as a Markdown table.</summary>
internal static class AlternativesText
{
    /// <summary>Writes it.</summary>
    internal static void Write(TextWriter text, IReadOnlyList<Alternative> alternatives)
    {
        if (alternatives.Count == 0)
            return;

        string targets = string.Join(" | ", alternatives[0].Proofs.Select(proof => $"`{proof.Target}`"));
        string columns = string.Concat(Enumerable.Repeat("---|", alternatives[0].Proofs.Count));
        text.WriteLine(
            $"| variant | {targets} | operations/s | sleeps/s | wake-ups in vain | p50 us | p99 us | fairness |");
        text.WriteLine($"|---|{columns}--:|--:|--:|--:|--:|--:|");
        foreach (Alternative alternative in alternatives)
            text.WriteLine(Row(alternative));
    }

    /// <summary>A verdict in a word or two.</summary>
    internal static string Of(Proof proof) => proof.Verdict switch
    {
        Verdict.Verified => $"proved ({proof.States} states)",
        Verdict.Violated => $"refuted: {proof.Failure!.Value.Name()}",
        _ => "no answer",
    };

    private static string Row(Alternative alternative)
    {
        SoakResult soak = alternative.Soak;
        ThreadTotals totals = soak.Totals;
        string name = alternative.Variant is { } variant ? $"`{variant}`" : "the port";
        string proofs = string.Join(" | ", alternative.Proofs.Select(Of));
        string vain = totals.Wakeups == 0 ? "none" : $"{100.0 * totals.VainWakeups / totals.Wakeups:f0} %";
        string speed = soak.Finding is { } finding
            ? finding.Class.Name()
            : $"{totals.AllOperations / soak.Seconds:n0}";
        return $"| {name} | {proofs} | {speed} | {totals.Sleeps / soak.Seconds:n0} | {vain} "
            + $"| {Us(soak.Latency?.P50)} | {Us(soak.Latency?.P99)} | {totals.Fairness:f3} |";
    }

    private static string Us(double? us) => us is { } known ? $"{known:n0}" : "-";
}
