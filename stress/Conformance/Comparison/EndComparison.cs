namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Compares how a trace should have ended with how it did.</summary>
internal static class EndComparison
{
    /// <summary>The fields that differ; none if the port agrees.</summary>
    public static IReadOnlyList<FieldDifference> Compare(TraceEnd expected, TraceEnd got)
    {
        var differences = new Differences();
        differences.Compare("end", expected.Reason, got.Reason, reason => Words<EndReason>.Of(reason));
        differences.Compare("lock_holder", expected.LockHolder, got.LockHolder);
        differences.CompareLists("waiting", expected.Waiting ?? [], got.Waiting ?? [], waiter =>
            $"task {waiter.Task} for page {waiter.Page}");
        differences.CompareLists("slots", expected.Graph?.Slots ?? [], got.Graph?.Slots ?? [], Slot);
        differences.CompareLists("wait_for", expected.Graph?.WaitFor ?? [], got.Graph?.WaitFor ?? [], Edges);
        return differences.Found;
    }

    private static string Slot(HeldSlot slot) =>
        $"slot {slot.Slot} page {slot.Page} count {slot.Count} holders {slot.Holders}";

    private static string Edges(WaitEdges edges) => $"task {edges.Task} for any of {edges.For}";
}
