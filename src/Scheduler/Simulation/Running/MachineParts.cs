using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>What a machine is made of: its memory, the views of it, and the rules by which it changes.</summary>
/// <param name="Memory">All of kernel memory.</param>
/// <param name="Tasks">The tasks and interrupt handlers.</param>
/// <param name="Cpus">The processors.</param>
/// <param name="Queues">The wait queues.</param>
/// <param name="Mmu">The page table, the TLBs and the page frames.</param>
/// <param name="Rules">What the processors do by themselves.</param>
/// <param name="Interrupts">Hard and soft interrupts.</param>
/// <param name="RunQueue">Sleeping, and sharing CPUs.</param>
/// <param name="Shootdowns">TLB shootdowns.</param>
/// <param name="Locks">The spin locks.</param>
/// <param name="Fusion">What happens without a step of its own.</param>
/// <param name="PlainAccesses">Unmarked accesses that nothing orders; null if no word is watched.</param>
internal sealed record MachineParts(
    KernelWords Memory,
    TaskTable Tasks,
    CpuTable Cpus,
    WaitQueueTable Queues,
    MmuTable Mmu,
    CpuRules Rules,
    InterruptController Interrupts,
    RunQueue RunQueue,
    ShootdownController Shootdowns,
    LockTable Locks,
    FusionPolicy Fusion,
    PlainAccessWatch? PlainAccesses);
