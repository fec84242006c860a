using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>spinlock_t.</summary>
internal sealed class CoyoteSpinLock
{
    public CoyoteSpinLock(string name, LockRank rank)
    {
        Name = name;
        IsInner = rank == LockRank.Inner;
        IsFree = () => Owner is null;
    }

    /// <summary>The kernel's name for it.</summary>
    public string Name { get; }

    /// <summary>It protects a few accesses within which no task stops.</summary>
    public bool IsInner { get; }

    /// <summary>Who holds it; null if nobody does.</summary>
    public CoyoteTask? Owner { get; set; }

    /// <summary>Whether nobody holds it: what those who spin for it wait for.</summary>
    public Func<bool> IsFree { get; }

    /// <summary>Who holds it, for people.</summary>
    public string Holder => Owner is null ? "nobody holds" : $"{Owner} holds";
}
