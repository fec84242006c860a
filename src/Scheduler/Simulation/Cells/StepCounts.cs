using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>What steps count besides what they write, all in one number, so that one addition does it.</summary>
internal static class StepCounts
{
    /// <summary>Steps whose counts can be added up.</summary>
    internal const int StepsMax = 1 << (Bits - CountBits);

    private const int CountBits = 8; // Of one step.
    private const int CountMask = (1 << CountBits) - 1;
    private const int Bits = 20; // Of a sum.
    private const int SumMask = (1 << Bits) - 1;
    private const ulong Places = CountMask * (1UL | (1UL << Bits) | (1UL << (2 * Bits)));

    /// <summary>Whether what a step counts is small enough.</summary>
    internal static bool Fits(in StepOutcome outcome) =>
        (uint)outcome.Progress <= CountMask && outcome.Operations <= CountMask && outcome.Fused <= CountMask;

    /// <summary>What a step counts.</summary>
    internal static uint Of(in StepOutcome outcome) =>
        (uint)(outcome.Progress | (outcome.Operations << CountBits) | (outcome.Fused << (2 * CountBits)));

    /// <summary>What a step adds to a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Spread(uint counts) => Bmi2.X64.IsSupported
        ? Bmi2.X64.ParallelBitDeposit(counts, Places)
        : (counts & CountMask) | ((ulong)((counts >> CountBits) & CountMask) << Bits)
            | ((ulong)(counts >> (2 * CountBits)) << (2 * Bits));

    /// <summary>The sums.</summary>
    internal static (int Progress, int Operations, int Fused) Split(ulong sum) =>
        ((int)(sum & SumMask), (int)((sum >> Bits) & SumMask), (int)(sum >> (2 * Bits)));
}
