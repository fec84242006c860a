using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>One access through a virtual address.</summary>
/// <param name="Context">Who accessed.</param>
/// <param name="Address">The address used.</param>
/// <param name="Intended">The page frame that the caller means.</param>
/// <param name="Reached">The page frame that the MMU led to; none for a page fault.</param>
/// <param name="Entry">The frame in the page table entry at this moment.</param>
public readonly record struct MemoryAccess(
    int Context,
    VirtualAddress Address,
    PageFrame Intended,
    PageFrame Reached,
    PageFrame Entry);
