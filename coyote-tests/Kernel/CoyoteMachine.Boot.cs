using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.CoyoteTests.Kernel;

/// <content>
/// Booting: what a scenario asks for. It boots once; every execution starts from the memory that it left.
/// </content>
internal sealed partial class CoyoteMachine : IKernelBoot<CoyoteKernel>
{
    private readonly List<(string Name, int Start, int Length)> _regions = [];
    private readonly List<CoyoteSpinLock> _locks = [];
    private readonly List<CoyoteWaitQueue> _queues = [];
    private readonly List<CoyoteTask> _tasks = [];
    private readonly List<Func<Finding?>> _endChecks = [];
    private readonly List<Func<TaskId, IEnumerable<string>>> _waitExplanations = [];

    private CoyoteMachine(MachineOptions options) => Options = options;

    /// <summary>How the machine is built.</summary>
    public MachineOptions Options { get; }

    /// <inheritdoc/>
    public CoyoteKernel Kernel => default;

    /// <summary>
    /// Boots a scenario. Throws <see cref="NotSupportedException"/> for one that Coyote cannot express.
    /// </summary>
    public static CoyoteMachine Boot(Scenario<CoyoteKernel> scenario, ScenarioSize size, MachineOptions options)
    {
        if (options.Cpus != 0)
        {
            throw new NotSupportedException(
                $"{options.Cpus} CPUs for {scenario.Tasks(size)} tasks: Coyote knows tasks but no CPUs that they "
                + "could share, "
                + "so every task has one; leave the number of CPUs at 0");
        }

        if (options.Shootdown)
            throw new NotSupportedException(
                "TLB shootdown: Coyote knows no CPU that could be interrupted, so here all TLBs are flushed at once");

        var machine = new CoyoteMachine(options);
        t_current = machine;
        machine._running = s_nobody;
        try
        {
            scenario.Boot(machine, size);
        }
        finally
        {
            t_current = null;
        }

        machine._image = [.. machine._words];
        return machine;
    }

    /// <inheritdoc/>
    public int AllocateWords(
        string name,
        int length,
        WordSort sort,
        int guard,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel)
    {
        int start = _words.Length;
        Array.Resize(ref _words, start + length);
        _regions.Add((name, start, length));
        return start;
    }

    /// <inheritdoc/>
    public int CreateSpinLock(string name, LockRank rank)
    {
        _locks.Add(new CoyoteSpinLock(name, rank));
        return _locks.Count - 1;
    }

    /// <inheritdoc/>
    public int CreateWaitQueue(string name)
    {
        _queues.Add(new CoyoteWaitQueue(name));
        return _queues.Count - 1;
    }

    /// <inheritdoc/>
    public VirtualPage CreateRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive) =>
        new(Mmu.AddRegion(start, pages, guard, exclusive));

    /// <inheritdoc/>
    public void CreateFrames(int frames, int low, WordSort contents = WordSort.Number) => Mmu.CreateFrames(frames, low);

    /// <inheritdoc/>
    public TaskId Spawn(string name, Func<KernelTask> body)
    {
        _tasks.Add(new CoyoteTask(_tasks.Count, body));
        return new TaskId(_tasks.Count - 1);
    }

    /// <inheritdoc/>
    public void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler) =>
        throw new NotSupportedException(
            $"interrupt \"{name}\": Coyote schedules tasks, and cannot stop one in the middle to run a handler on its "
            + "CPU; "
                + "run this scenario on the simulated kernel");

    /// <inheritdoc/>
    public void AtEnd(Func<Finding?> check) => _endChecks.Add(check);

    /// <inheritdoc/>
    public void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse) =>
        Mmu.DeclareInUse(first.Index, pages, isInUse);

    /// <inheritdoc/>
    public void ExplainWaits(Func<TaskId, IEnumerable<string>> explain) => _waitExplanations.Add(explain);

    private string NameOf(int address)
    {
        (string name, int start, int length) = _regions.Find(region => address < region.Start + region.Length);
        return length == 1 ? name : $"{name}[{address - start}]";
    }
}
