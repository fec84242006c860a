using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>What steps count besides what they write, all in one number, so that one addition does it.</summary>
internal static class StepCounts
{
    private const int Bits = 20;
    private const int Mask = (1 << Bits) - 1;

    /// <summary>Steps that can be added up.</summary>
    internal const int StepsMax = 4096;

    private const int CountMax = Mask / StepsMax;

    /// <summary>Whether what a step counts is small enough.</summary>
    internal static bool Fits(in StepOutcome outcome) =>
        (uint)outcome.Progress <= CountMax && outcome.Operations <= CountMax && outcome.Fused <= CountMax;

    internal static long Of(in StepOutcome outcome) =>
        (long)(uint)outcome.Progress | ((long)outcome.Operations << Bits) | ((long)outcome.Fused << (2 * Bits));

    internal static (int Progress, int Operations, int Fused) Split(long counts) =>
        ((int)counts & Mask, (int)(counts >> Bits) & Mask, (int)(counts >> (2 * Bits)) & Mask);
}
