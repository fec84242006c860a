using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Reports;

/// <summary>Runs as everybody can follow them.</summary>
internal static class UnfusedRun
{
    /// <summary>A run of a machine that fuses, or does not, as one of everybody's machine, which does not.</summary>
    internal static (Transition[] Run, int Loop) Of(Experiment experiment, bool fuses, Transition[] run, int loop)
    {
        if (!fuses)
            return (run, loop);

        MachineImage image = (experiment with { Fusion = true }).Boot();
        Transition[] unfused = Verifier.Unfused(image, run);
        return (unfused, unfused.Length - Verifier.Unfused(image, run[..^loop]).Length);
    }
}
