using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>What a scenario asks for while a machine of threads boots.</summary>
internal sealed class ThreadBoot<TMode>(ThreadMachine machine) : IKernelBoot<ThreadKernel<TMode>>
    where TMode : struct, IThreadMode
{
    /// <inheritdoc/>
    public ThreadKernel<TMode> Kernel => new(machine);

    /// <inheritdoc/>
    public int AllocateWords(
        string name,
        int length,
        WordSort sort,
        int guard,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel) => machine.LayOut(name, length, guard);

    /// <inheritdoc/>
    public int CreateSpinLock(string name, LockRank rank) => machine.Locks.Add(name, machine.LayOut(name, 1));

    /// <inheritdoc/>
    public int CreateWaitQueue(string name) => machine.Sleepers.AddQueue(name);

    /// <inheritdoc/>
    public VirtualPage CreateRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive) =>
        new(machine.Paging.AddRegion(name, start, pages, guard, exclusive));

    /// <inheritdoc/>
    public void CreateFrames(int frames, int low, WordSort contents = WordSort.Number) =>
        machine.Paging.CreateFrames(frames, low);

    /// <inheritdoc/>
    public TaskId Spawn(string name, Func<KernelTask> body) => machine.Spawn(name, body);

    /// <inheritdoc/>
    public void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler) =>
        throw new UsageException(
            $"{machine.Options.Name} has the interrupt '{name}': a thread cannot be stopped at a chosen place to run a "
            + "handler; explore and verify can");

    /// <inheritdoc/>
    public void AtEnd(Func<Finding?> check) => machine.EndChecks.Add(check);

    /// <inheritdoc/>
    public void WhenStuck(Func<Func<TaskId, bool>, Finding?> check) => machine.StuckChecks.Add(check);

    /// <inheritdoc/>
    public void NamePages(VirtualPage first, int pages, Func<int, string> nameOf) =>
        machine.Paging.NamePages(first.Index, pages, nameOf);

    /// <inheritdoc/>
    public void ExplainWaits(Func<TaskId, IEnumerable<string>> explain) => machine.WaitExplanations.Add(explain);

    /// <inheritdoc/>
    public void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse) =>
        machine.Paging.DeclareInUse(first.Index, pages, isInUse);

    /// <inheritdoc/>
    public void DeclareGivenBack(VirtualPage first, int pages, Func<int, PageFrame, bool> isGivenBack) =>
        machine.Paging.DeclareGivenBack(first.Index, pages, isGivenBack);

    /// <inheritdoc/>
    public void DeclareFree(Func<PageFrame, bool> isFree) => machine.Paging.DeclareFree(isFree);

    /// <inheritdoc/>
    public void Always(Func<Finding?> check) => machine.EndChecks.Add(check); // Only then does everybody stand still.
}
