using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>What a scenario has asked for when it booted: memory, locks, queues, tasks and checks.</summary>
internal sealed class CoyoteLayout : IKernelBoot<CoyoteKernel>
{
    private readonly List<(string Name, int Start, int Length)> _regions = [];

    /// <summary>The memory; while the scenario boots it grows.</summary>
    public int[] Words { get; private set; } = [];

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public CoyoteMmu Mmu { get; } = new();

    /// <summary>The spin locks, by number.</summary>
    public List<CoyoteSpinLock> Locks { get; } = [];

    /// <summary>The wait queues, by number.</summary>
    public List<CoyoteWaitQueue> Queues { get; } = [];

    /// <summary>The tasks, by number.</summary>
    public List<CoyoteTask> Tasks { get; } = [];

    /// <summary>What must hold when all tasks have ended.</summary>
    public List<Func<Finding?>> EndChecks { get; } = [];

    /// <summary>What a task that is stuck waits for, in the scenario's words.</summary>
    public List<Func<TaskId, IEnumerable<string>>> WaitExplanations { get; } = [];

    /// <inheritdoc/>
    public CoyoteKernel Kernel => default;

    /// <inheritdoc/>
    public int AllocateWords(
        string name,
        int length,
        WordSort sort,
        int guard,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel)
    {
        int start = Words.Length;
        int[] words = Words;
        Array.Resize(ref words, start + length);
        Words = words;
        _regions.Add((name, start, length));
        return start;
    }

    /// <inheritdoc/>
    public int CreateSpinLock(string name, LockRank rank)
    {
        Locks.Add(new CoyoteSpinLock(name, rank));
        return Locks.Count - 1;
    }

    /// <inheritdoc/>
    public int CreateWaitQueue(string name)
    {
        Queues.Add(new CoyoteWaitQueue(name));
        return Queues.Count - 1;
    }

    /// <inheritdoc/>
    public VirtualPage CreateRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive) =>
        new(Mmu.AddRegion(start, pages, guard, exclusive));

    /// <inheritdoc/>
    public void CreateFrames(int frames, int low, WordSort contents = WordSort.Number) => Mmu.CreateFrames(frames, low);

    /// <inheritdoc/>
    public TaskId Spawn(string name, Func<KernelTask> body)
    {
        Tasks.Add(new CoyoteTask(Tasks.Count, body));
        return new TaskId(Tasks.Count - 1);
    }

    /// <inheritdoc/>
    public void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler) =>
        throw new NotSupportedException(
            $"interrupt \"{name}\": Coyote schedules tasks, and cannot stop one in the middle to run a handler on its "
            + "CPU; run this scenario on the simulated kernel");

    /// <inheritdoc/>
    public void AtEnd(Func<Finding?> check) => EndChecks.Add(check);

    /// <inheritdoc/>
    public void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse) =>
        Mmu.DeclareInUse(first.Index, pages, isInUse);

    /// <inheritdoc/>
    public void ExplainWaits(Func<TaskId, IEnumerable<string>> explain) => WaitExplanations.Add(explain);

    /// <summary>The word at an address, for people.</summary>
    public string NameOf(int address)
    {
        (string name, int start, int length) = _regions.Find(region => address < region.Start + region.Length);
        return length == 1 ? name : $"{name}[{address - start}]";
    }
}
