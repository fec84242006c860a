using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>What a scenario may ask while a machine boots: memory, locks, queues, mapped regions, tasks.</summary>
/// <remarks>
/// A member with an empty body serves reports; a kernel without them ignores it.
/// </remarks>
public interface IKernelBoot<TKernel> : IProofHints
    where TKernel : struct, IKernel
{
    /// <summary>The kernel that the code being booted will run on.</summary>
    TKernel Kernel { get; }

    /// <summary>
    /// Lays out <paramref name="length"/> words, all 0; yields the address of the first. <paramref name="guard"/> is
    /// the lock that protects them, or a <see cref="Protection"/>.
    /// </summary>
    int AllocateWords(
        string name,
        int length,
        WordSort sort,
        int guard,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel);

    /// <summary>Lays out a spin lock.</summary>
    int CreateSpinLock(string name, LockRank rank);

    /// <summary>Lays out a wait queue head.</summary>
    int CreateWaitQueue(string name);

    /// <summary>
    /// Lays out page table entries for <paramref name="pages"/> pages from <paramref name="start"/>; yields the first
    /// of them.
    /// </summary>
    /// <param name="name">The kernel's name for it.</param>
    /// <param name="start">The address of the first page.</param>
    /// <param name="pages">The number of pages.</param>
    /// <param name="guard">The lock that protects the entries, -1 if none.</param>
    /// <param name="exclusive">A frame may have at most one entry here. Where it may have several, an entry has one
    /// user at a time (<see cref="IKernel.ReleaseSlot"/>).</param>
    VirtualPage CreateRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive);

    /// <summary>
    /// Declares page frames 0 to <paramref name="frames"/>-1; those whose number is below <paramref name="low"/> are
    /// mapped for ever.
    /// </summary>
    /// <param name="frames">The number of page frames.</param>
    /// <param name="low">The number of those that are low memory.</param>
    /// <param name="contents">What is written into the pages.</param>
    void CreateFrames(int frames, int low, WordSort contents = WordSort.Number);

    /// <summary>Adds a task that runs <paramref name="body"/>.</summary>
    /// <remarks>
    /// What tasks share must be kernel memory. A variable that <paramref name="body"/> captures, or a field of its
    /// object, must not change once the machine has been booted: that is noticed and reported. Every step and every
    /// call of a kernel function is awaited where it is made, once.
    /// </remarks>
    TaskId Spawn(string name, Func<KernelTask> body);

    /// <summary>
    /// Adds an interrupt that may fire on any CPU that has interrupts on, at most <paramref name="limit"/> times over
    /// all; 0 for any number of times, as long as a task has not ended.
    /// </summary>
    void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler);

    /// <summary>Adds a check of the state in which every task has ended; it yields what is wrong, or null.</summary>
    void AtEnd(Func<Finding?> check);

    /// <summary>
    /// Adds a check of a state in which nothing can go on although not every task has ended; it is told which have.
    /// What it finds is the cause, and comes before the deadlock.
    /// </summary>
    void WhenStuck(Func<Func<TaskId, bool>, Finding?> check)
    {
    }

    /// <summary>Names the pages of a region, by their place in it, for reports.</summary>
    void NamePages(VirtualPage first, int pages, Func<int, string> nameOf)
    {
    }

    /// <summary>
    /// Adds what a sleeper is waiting for: the tasks that could wake it, and why, for deadlock reports.
    /// </summary>
    void ExplainWaits(Func<TaskId, IEnumerable<string>> explain);
}

/// <summary>What runs an interrupt handler.</summary>
public enum InterruptKind
{
    /// <summary>A hard interrupt: runs with interrupts off.</summary>
    Hard,

    /// <summary>A soft interrupt: runs with interrupts on, and not inside another interrupt.</summary>
    Soft,
}
