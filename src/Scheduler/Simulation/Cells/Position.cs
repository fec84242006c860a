using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Where a context can stand.</summary>
/// <param name="Context">The context.</param>
/// <param name="Stack">The number of its stack; 0 if it has ended.</param>
/// <param name="Words">The values of the words that are its own.</param>
/// <param name="Ready">When it can go on, if it is runnable.</param>
internal sealed record Position(int Context, int Stack, int[] Words, Readiness Ready)
{
    /// <summary>The operation that the context stands in front of.</summary>
    internal Operation Pending { get; init; }

    /// <summary>When that changes its target.</summary>
    internal Readiness Writes { get; init; }
}

/// <summary>A context that is runnable can go on if a cell has a value, and then by so many transitions.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Value">The code of the value.</param>
/// <param name="Outcomes">More than 1 if it stands before a choice.</param>
internal readonly record struct Readiness(byte Cell, byte Value, byte Outcomes)
{
    internal static Readiness Always => new(CellLayout.Constant, CellLayout.One, 1);

    internal static Readiness Never => new(CellLayout.Constant, CellLayout.NoCode, 1);

    internal bool IsChoice => Outcomes != 1;
}
