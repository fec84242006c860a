using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>
/// Which of the expanded states are tried for whether a reduction is right: the first ones, those after which new
/// stacks have turned up, and one in 512.
/// </summary>
internal sealed class StateSample(IReducedSearch search)
{
    private const int FirstStates = 1024;
    private const ulong Mask = 511;

    private int _stacksSeen;

    /// <summary>Whether this state is among the first, of which nothing is left out.</summary>
    internal static bool IsAmongFirst(Successors expanded) => expanded.Parent < FirstStates;

    /// <summary>Whether this state is taken.</summary>
    internal bool Takes(Successors expanded) =>
        IsAmongFirst(expanded) || search.Stacks != _stacksSeen || (expanded.ParentHash & Mask) == 0;

    /// <summary>The state has been tried, which may have made stacks of its own.</summary>
    internal void IsDone() => _stacksSeen = search.Stacks;
}
