using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>What a step does that finds these values in the cells: four cache lines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Leaf
{
    /// <summary>What the cells that the step has read must be; 0 for the others.</summary>
    [FieldOffset(0)]
    internal Vector512<byte> Guards;

    /// <summary>All bits of the cells that it writes.</summary>
    [FieldOffset(64)]
    internal Vector512<byte> WriteMask;

    /// <summary>What they are then; 0 for the others.</summary>
    [FieldOffset(128)]
    internal Vector512<byte> Writes;

    /// <summary>A bit for each cell that it has read.</summary>
    [FieldOffset(192)]
    internal ulong GuardMask;

    /// <summary>The position at which its context stands then.</summary>
    [FieldOffset(200)]
    internal int Next;

    /// <summary>The recorded step.</summary>
    [FieldOffset(204)]
    internal int Step;

    /// <summary>What it adds to the <see cref="StepCounts"/>.</summary>
    [FieldOffset(208)]
    internal long Counts;

    /// <summary>When the context is ready then, as in its position.</summary>
    [FieldOffset(216)]
    internal Readiness Ready;
}

/// <summary>A context is ready if a cell has a value, and then by so many transitions.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Value">The code of the value.</param>
/// <param name="Outcomes">More than 1 if it stands before a choice.</param>
internal readonly record struct Readiness(byte Cell, byte Value, byte Outcomes)
{
    internal static Readiness Always => new(CellLayout.Constant, CellLayout.One, 1);

    internal static Readiness Never => new(CellLayout.Constant, byte.MaxValue, 1);
}
