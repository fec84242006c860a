namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Compares what a call of an atomic trace should have done with what it did.</summary>
internal static class AtomicComparison
{
    /// <summary>The fields that differ; none if the port agrees.</summary>
    public static IReadOnlyList<FieldDifference> Compare(AtomicStep expected, AtomicStep got)
    {
        if (expected == got)
            return [];

        var differences = new Differences();
        Func<uint?, string> show = expected.Op == AtomicOp.KmapAtomicToPage ? Number : Differences.AddressOrNull;
        differences.Compare("result", expected.Result, got.Result, show);
        differences.Compare("bug", expected.Bug, got.Bug, StepComparison.Bug);
        CompareStates(differences, expected.State, got.State);
        return differences.Found;
    }

    /// <summary>Compares the states before step 1.</summary>
    public static IReadOnlyList<FieldDifference> Compare(AtomicState expected, AtomicState got)
    {
        var differences = new Differences();
        CompareStates(differences, expected, got);
        return differences.Found;
    }

    private static void CompareStates(Differences differences, AtomicState expected, AtomicState got)
    {
        differences.CompareLists("entries", expected.Entries, got.Entries, entry =>
            $"{entry.Index}: frame {entry.Frame}");
        differences.CompareCells("preempt_count", expected.PreemptCount, got.PreemptCount);
        differences.Compare("tlb_one_flushes", expected.TlbOneFlushes, got.TlbOneFlushes);
        differences.Compare("last_tlb_one", expected.LastTlbOne, got.LastTlbOne, Differences.Address);
        differences.Compare("resched_checks", expected.ReschedChecks, got.ReschedChecks);
    }

    private static string Number(uint? number) => number?.ToString() ?? "null";
}
