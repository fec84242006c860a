using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>How a machine looks up steps that it has performed before.</summary>
/// <param name="CheckEvery">
/// Of so many steps that are found one is performed as well, and compared; 1 for all of them.
/// </param>
public sealed record MemoOptions(int CheckEvery = MemoOptions.UsualCheckEvery)
{
    /// <summary>Often enough that a mistake shows soon, and seldom enough that it costs little.</summary>
    public const int UsualCheckEvery = 1000;

    /// <summary>
    /// Words of which no touch is logged: wrong, and there to show that it is noticed.
    /// </summary>
    internal MemoryRegion? Hidden { get; init; }

    /// <summary>Words of which no look by a check of states is logged: wrong as well, and for the same end.</summary>
    internal MemoryRegion? HiddenFromChecks { get; init; }

    /// <summary>
    /// Words that cells take for ones that never change: wrong, and there to show that it is noticed.
    /// </summary>
    internal MemoryRegion? HiddenFromCells { get; init; }

    /// <summary>
    /// Words of which nothing is said that strategies ask of cells: wrong, and there to show that it is noticed.
    /// </summary>
    internal MemoryRegion? HiddenFromLooks { get; init; }

    /// <summary>
    /// Words that hashes of the forms of states take for ones that no renaming moves or changes: wrong, and there to
    /// show that it is noticed.
    /// </summary>
    internal MemoryRegion? HiddenFromForms { get; init; }

    /// <summary>Every step that is found is performed as well.</summary>
    public static MemoOptions Shadow { get; } = new(CheckEvery: 1);
}
