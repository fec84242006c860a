namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Compares what a step of a trace with a table should have done with what it did.</summary>
internal static class StepComparison
{
    /// <summary>The fields that differ; none if the port agrees.</summary>
    public static IReadOnlyList<FieldDifference> Compare(TraceStep expected, TraceStep got)
    {
        got = WithoutMeaningless(expected, got);
        if (expected == got)
            return [];

        var differences = new Differences();
        differences.Compare("did", expected.Move?.Did, got.Move?.Did, Label);
        differences.Compare("next", expected.Move?.Next, got.Move?.Next, Label);
        differences.Compare("op", expected.Op, got.Op, op => Words<TraceOp>.Of(op));
        differences.Compare("page", expected.Page, got.Page);
        differences.Compare("vaddr", expected.Vaddr, got.Vaddr, Differences.AddressOrNull);
        differences.Compare("blocked", expected.Blocked, got.Blocked);
        differences.CompareLists("woken", expected.Woken, got.Woken);
        differences.Compare("bug", expected.Bug, got.Bug, Bug);
        differences.Compare("irq", expected.Irq, got.Irq);
        differences.Compare("spinning", expected.Spinning, got.Spinning);
        differences.Compare("livelock", expected.Livelock, got.Livelock);
        CompareStates(differences, expected.State, got.State);
        return differences.Found;
    }

    /// <summary>Compares the states before step 1.</summary>
    public static IReadOnlyList<FieldDifference> Compare(TraceState expected, TraceState got)
    {
        var differences = new Differences();
        CompareStates(differences, expected, got);
        return differences.Found;
    }

    internal static string Bug(BugCode? code) => code is { } bug ? Words<BugCode>.Of(bug) : "null";

    // After a BUG there is no next action, and in a livelock the counters say only where the recording was cut off.
    private static TraceStep WithoutMeaningless(TraceStep expected, TraceStep got)
    {
        if (expected is { Bug: not null, Move: { } move } && got is { Bug: not null, Move: { } gotMove })
            got = got with { Move = gotMove with { Next = move.Next } };

        if (expected.Livelock && got.Livelock)
        {
            TraceState state = got.State with
            {
                Flushes = expected.State.Flushes,
                TlbFlushes = expected.State.TlbFlushes,
            };
            got = got with { State = state };
        }

        return got;
    }

    private static void CompareStates(Differences differences, TraceState expected, TraceState got)
    {
        differences.CompareCells("pkmap_count", expected.PkmapCount, got.PkmapCount);
        differences.Compare("last_pkmap_nr", expected.LastPkmapNr, got.LastPkmapNr);
        differences.CompareCells("page_table", expected.PageTable, got.PageTable);
        differences.CompareCells("page_address", expected.PageAddress, got.PageAddress, Differences.Address);
        differences.CompareLists("wait_queue", expected.WaitQueue, got.WaitQueue);
        differences.Compare("flushes", expected.Flushes, got.Flushes);
        differences.Compare("tlb_flushes", expected.TlbFlushes, got.TlbFlushes);
        differences.Compare("wake_calls", expected.WakeCalls, got.WakeCalls);
        differences.CompareCells("tasks", expected.Tasks, got.Tasks, condition => Words<TaskCondition>.Of(condition));
        differences.Compare("lock", expected.Lock, got.Lock);
        if (expected.Hash is { } hash && got.Hash is { } gotHash)
        {
            differences.CompareLists("buckets", hash.Entries, gotHash.Entries, Entry);
            differences.CompareLists("pool", hash.Pool, gotHash.Pool);
        }
    }

    private static string Label(YieldLabel? label) => label is { } action ? Words<YieldLabel>.Of(action) : "null";

    private static string Entry(HashEntry entry) =>
        $"{entry.Bucket}: page {entry.Page} {Differences.Address(entry.Address)} record {entry.Record}";
}
