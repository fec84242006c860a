using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.Runs;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Makes of what a search that fuses has found runs of everybody's machine, which does not fuse; each must show there
/// what the search has seen.
/// </summary>
/// <param name="fused">Boots the machine that fuses.</param>
/// <param name="plain">Boots everybody's.</param>
internal sealed class UnfusedRuns(Func<MachineImage> fused, Func<MachineImage> plain)
{
    /// <summary>What speaks against fusion if a run is none.</summary>
    internal const string Mistake = "what it found does not happen where every operation is a step of its own";

    /// <summary>The report with runs of everybody's machine; null if one of them is none.</summary>
    internal VerificationReport? Of(VerificationReport report)
    {
        Counterexample? failure = report.Counterexample is { } found ? Of(found) : null;
        Lasso? starvation = report.Progress?.Starvation is { } endless ? Of(endless) : null;
        bool isWhole = (failure is null) == (report.Counterexample is null)
            && (starvation is null) == (report.Progress?.Starvation is null);
        return !isWhole
            ? null
            : report with
            {
                Counterexample = failure,
                Progress = report.Progress is { } progress ? progress with { Starvation = starvation } : null,
            };
    }

    private Counterexample? Of(Counterexample found)
    {
        (Transition[] run, int loop) = Unfuse(found.Schedule, found.Loop);

        // What comes and goes need not come again.
        Finding? finding = found.Finding.Class == FailureClass.Nondeterminism
            ? found.Finding
            : FindingOf(run, loop, found.Finding.Class);
        return finding is null
            ? null
            : new Counterexample(finding, run) { Loop = loop, FusedLength = found.Schedule.Length };
    }

    private Lasso? Of(Lasso found)
    {
        (Transition[] run, int loop) = Unfuse([.. found.Stem, .. found.Loop], found.Loop.Length);
        return FindingOf(run, loop, FailureClass.Starvation) is null
            ? null
            : found with
            {
                Stem = run[..^loop],
                Loop = run[^loop..],
                FusedLengths = (found.Stem.Length, found.Loop.Length),
            };
    }

    /// <summary>A step for every operation.</summary>
    private (Transition[] Run, int Loop) Unfuse(Transition[] run, int loop)
    {
        Transition[] unfused = Unfusing.Of(fused(), run);
        return (unfused, unfused.Length - Unfusing.Of(fused(), run.AsSpan(..^loop)).Length);
    }

    /// <summary>What everybody's machine says of a run; null if it is not what is expected.</summary>
    private Finding? FindingOf(Transition[] run, int loop, FailureClass expected)
    {
        var machine = new Machine(plain());
        bool isWhole = ScheduleRun.Run(machine, run, loop, expected);
        return isWhole && machine.Finding?.Class == expected ? machine.Finding : null;
    }
}
