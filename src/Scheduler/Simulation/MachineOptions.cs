using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>How the simulated machine is built.</summary>
public sealed record MachineOptions
{
    /// <summary>Number of CPUs; 0 for one per task, so that every interleaving of tasks is possible.</summary>
    public int Cpus { get; init; }

    /// <summary>
    /// CONFIG_PREEMPT: a task can be taken off its CPU wherever preempt_count is 0, and spin locks raise preempt_count.
    /// </summary>
    public bool Preempt { get; init; } = true;

    /// <summary>
    /// A flush of all TLBs is an interrupt to every other CPU, and the sender waits until each has answered, which it
    /// does only while its interrupts are on (smp_call_function of 2.6.12). Without this, all CPUs answer at once.
    /// </summary>
    public bool Shootdown { get; init; }

    /// <summary>Where tasks stop.</summary>
    public SchedulingPoints Points { get; init; } = SchedulingPoints.Observable;

    /// <summary>
    /// Run on, within one step, through what no other CPU can observe, where that keeps every verdict: the first
    /// visible operation after taking locks, and their release. Only on a machine with a CPU per task and no
    /// interrupts.
    /// </summary>
    /// <remarks>
    /// R. Lipton, "Reduction: A Method of Proving Properties of Parallel Programs", 1975: acquires move right, releases
    /// left, protected accesses both ways, so [acquires, one visible operation, releases] is as good as atomic. A
    /// second lock is still waited for at a point of its own, so that lock cycles stay deadlocks.
    /// </remarks>
    internal bool Fusion { get; init; }

    /// <summary>
    /// Report tasks that take their own lock again, or release one that is not theirs; off for programs in which that
    /// is no mistake.
    /// </summary>
    public bool ChecksLocks { get; init; } = true;

    /// <summary>What runs on the machine, for people.</summary>
    public string Name { get; init; } = "the scenario";

    /// <summary>Who sees from outside whether the scenario's code comes back; null for nobody.</summary>
    public CallWatch? Watch { get; init; }

    /// <summary>The most turns of a loop within one step before it counts as endless.</summary>
    public int LoopTurnsMax { get; init; } = 1_000_000;
}
