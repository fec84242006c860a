using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>The detectors that are always on: the one place that lists them.</summary>
public static class StandardDetectors
{
    /// <summary>A new object of each, for one machine image.</summary>
    public static IReadOnlyList<Detector> Create() =>
    [
        new DeadlockDetector(),
        new DoubleMappingDetector(),
        new WrongPageDetector(),
        new StaleTlbDetector(),
        new ForgottenSleeperDetector(),
        new SlotClobberDetector(),
        new SleepInAtomicDetector(),
        new UnbalancedExitDetector(),
        new UseAfterFreeDetector(),
    ];
}
