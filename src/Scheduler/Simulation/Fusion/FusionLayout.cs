using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>What the watch over fusion has to know of an image.</summary>
internal sealed record FusionLayout(
    int[] ValuesAtBoot,
    IReadOnlyList<MemoryRegion> Regions,
    int[] SpinLocks,
    HashSet<int> InnerLocks);
