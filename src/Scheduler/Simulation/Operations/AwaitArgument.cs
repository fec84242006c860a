using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>The second argument of operations that wait for a word: the comparison, and what is then added.</summary>
internal static class AwaitArgument
{
    /// <summary>The greatest that can be added; the least is its negative.</summary>
    internal const int DeltaMax = int.MaxValue >> ComparisonBits;

    private const int ComparisonBits = 3;

    /// <summary>Both in one number.</summary>
    internal static int Of(Comparison comparison, int delta = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delta, DeltaMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, -DeltaMax);
        return (delta << ComparisonBits) | (int)comparison;
    }

    /// <summary>How an operation compares its target with its argument.</summary>
    internal static Comparison ComparisonOf(Operation operation) =>
        (Comparison)(operation.Second & ((1 << ComparisonBits) - 1));

    /// <summary>What an operation with this second argument adds.</summary>
    internal static int DeltaOf(int second) => second >> ComparisonBits;
}
