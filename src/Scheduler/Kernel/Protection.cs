namespace Kmaplab.Scheduler.Kernel;

/// <summary>What protects a region of kernel memory, instead of the number of a lock.</summary>
public static class Protection
{
    /// <summary>Nothing: tasks that share it must mark their accesses.</summary>
    public const int None = -1;

    /// <summary>Only marked accesses: an unmarked one is a data race, whoever else touches the word.</summary>
    public const int Marked = -3;

    /// <summary>
    /// Whoever owns the element: while it is linked into a list, the lock of that list, and in between the task that
    /// has unlinked it. Which lock that is changes, so no access is taken for a data race; fusion judges them by the
    /// locks that all accesses hold.
    /// </summary>
    public const int ByOwner = -2;
}
