namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>How many distinct stacks a search has met, and what is on them.</summary>
internal interface IStackCensus
{
    /// <summary>Number of distinct call chains.</summary>
    int Count { get; }

    /// <summary>The function of which most of the chains are innermost calls.</summary>
    string MostCommonFunction();

    /// <summary>Between which values each number among the locals has been, by name.</summary>
    KeyValuePair<string, ValueRange>[] RangesOfLocals();
}
