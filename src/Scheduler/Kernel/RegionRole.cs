namespace Kmaplab.Scheduler.Kernel;

/// <summary>Who may touch a region of kernel memory, and whether it is kernel memory at all.</summary>
public enum RegionRole
{
    /// <summary>
    /// What tasks of the kernel share. Without a lock that guards it, all accesses by several of them must be marked.
    /// </summary>
    Kernel,

    /// <summary>A row for each task, which no other task touches: what would be on its stack.</summary>
    Private,

    /// <summary>The account of a scenario or a detector, of which the kernel knows nothing.</summary>
    Bookkeeping,

    /// <summary>
    /// What the machine itself is made of, and no kernel data: the state of its tasks and CPUs, and their stacks.
    /// </summary>
    Hardware,
}
