using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>Lays out a simulated machine's memory, like a linker, while a scenario boots it.</summary>
/// <remarks>
/// The task table comes first, so that a context's words are found by a shift; then the CPUs; then whatever the
/// scenario and the detectors ask for, in that order.
/// </remarks>
public sealed partial class MachineBuilder : IKernelBoot<SimulatedKernel>
{
    /// <summary>
    /// Words at the end of memory that hold the hash of each stack, so that a state is hashed in one go.
    /// </summary>
    internal const int StackHashWords = 4;

    private readonly Arena _arena = new();
    private readonly MachineSlot _slot = new();
    private readonly ContextRunner _runner; // Answers the code that boots.
    private readonly MachineOptions _options;
    private readonly int _taskLimit;
    private readonly int _cpus;
    private readonly int _contexts;
    private readonly bool _isPinned;
    private readonly int _cpuBase;
    private readonly int _interruptBase;
    private readonly int _callLock;
    private readonly bool _tracksLockUse;
    private readonly List<(string Name, Func<KernelTask> Body)> _tasks = [];
    private readonly List<InterruptSource> _interrupts = [];
    private readonly List<Detector> _detectors = [];
    private readonly List<(string Name, int Address)> _waitQueues = [];
    private readonly List<int> _spinLocks = [];
    private readonly List<int> _innerLocks = [];
    private readonly List<MappedRegion> _mapped = [];
    private readonly List<Func<Finding?>> _endChecks = [];
    private readonly List<Func<Func<TaskId, bool>, Finding?>> _stuckChecks = [];
    private readonly List<PageNames> _pageNames = [];
    private readonly List<Func<TaskId, IEnumerable<string>>> _waitExplanations = [];
    private int _pages;
    private int _frames;
    private int _low;
    private int _frameBase = -1;
    private int _pageTableBase;
    private int _tlbBase;
    private int _plainBase = -1;
    private bool _isBooted;

    private MachineBuilder(int tasks, int interrupts, MachineOptions options)
    {
        if (options.Cpus is < 0 or > Transition.MaxContexts)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"{options.Cpus} CPUs: the machine has 1 to {Transition.MaxContexts}");
        }

        _runner = new ContextRunner(_arena.Words);
        _options = options;
        _taskLimit = tasks;
        _cpus = options.Cpus == 0 ? tasks : options.Cpus;
        _isPinned = options.Cpus == 0 && interrupts == 0 && !options.Shootdown;
        _contexts = tasks + (interrupts * _cpus);
        int contextsMax = _isPinned ? Transition.MaxContexts : Transition.MaxDispatched;
        if (tasks < 1 || _contexts > contextsMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(tasks),
                $"{tasks} tasks and {interrupts} interrupts on {_cpus} CPUs: "
                + $"such a machine has 1 to {contextsMax} contexts");
        }

        AllocateHardware("tasks", _contexts * TaskTable.Stride);
        _cpuBase = AllocateHardware("cpus", _cpus * CpuTable.Stride);
        _interruptBase = AllocateHardware("interrupts", interrupts);
        _tracksLockUse = interrupts > 0;
        _callLock = options.Shootdown ? CreateSpinLock("call_lock", LockRank.Outer) : -1;
    }

    /// <inheritdoc/>
    public SimulatedKernel Kernel => new(_slot);

    /// <summary>Number of page frames declared.</summary>
    public int FrameCount => _frames;

    /// <summary>Number of page table entries of all regions.</summary>
    public int PageCount => _pages;

    /// <summary>Whether somebody has declared how to tell which mappings have been given back.</summary>
    public bool KnowsGivenBack => _givenBack.Count > 0;

    /// <summary>Whether somebody has declared how to tell which page frames are free.</summary>
    public bool HasFreeFrames => _freeFrames.Count > 0;

    /// <summary>Whether a frame may have several entries in some region.</summary>
    public bool HasSharedRegion => _mapped.Any(region => !region.IsExclusive);

    /// <summary>
    /// Boots a machine: <paramref name="boot"/> asks for what it needs and spawns exactly <paramref name="tasks"/>
    /// tasks.
    /// </summary>
    public static MachineImage Boot(
        int tasks,
        int interrupts,
        MachineOptions options,
        IEnumerable<Detector> detectors,
        Action<MachineBuilder> boot)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(detectors);
        ArgumentNullException.ThrowIfNull(boot);
        var builder = new MachineBuilder(tasks, interrupts, options);
        builder._runner.Pool.MakeCurrent();
        boot(builder);
        if (builder._tasks.Count != tasks || builder._interrupts.Count != interrupts)
        {
            throw new KernelMisuseException(
                $"the scenario has spawned {builder._tasks.Count} of {tasks} tasks and attached "
                + $"{builder._interrupts.Count} of {interrupts} interrupts: Tasks() and Interrupts() must say how many "
                + "there are");
        }

        builder.LayOutMmu();
        foreach (Detector detector in detectors)
        {
            detector.OnBoot(builder);
            builder._detectors.Add(detector);
        }

        builder.LayOutPlainAccesses();
        int stackBase = builder.AllocateHardware("stacks", builder._contexts * StackHashWords);
        builder._isBooted = true;
        builder._arena.Close();
        return builder.Image(stackBase);
    }

    private void CheckIsBooting(string what)
    {
        if (_isBooted)
        {
            throw new KernelMisuseException(
                $"{what} is made while tasks run: tasks, interrupts and kernel memory are made when the machine is "
                + "booted, "
                + "and stay the same");
        }
    }

    /// <inheritdoc/>
    public int AllocateWords(
        string name,
        int length,
        WordSort sort,
        int guard,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel) => LayOut(new MemoryRegion(name, _arena.Used, length, sort, index, guard)
        {
            Role = role,
            IsWatched = role == RegionRole.Kernel && guard == Protection.None,
        });

    private int AllocateHardware(string name, int length, IndexSort index = IndexSort.None) =>
        AllocateWords(name, length, WordSort.Number, Protection.None, index, RegionRole.Hardware);

    // Locks, queues and page tables are accessed by operations only.
    private int LayOut(string name, int length, WordSort sort, IndexSort index = IndexSort.None) =>
        LayOut(new MemoryRegion(name, _arena.Used, length, sort, index, Protection.None));

    private int LayOut(MemoryRegion region)
    {
        CheckIsBooting($"'{region.Name}'");
        ArgumentOutOfRangeException.ThrowIfNegative(region.Length);
        _arena.Add(region);
        _runner.Memory = _arena.Words;
        return region.Start;
    }

    /// <inheritdoc/>
    public int CreateSpinLock(string name, LockRank rank)
    {
        int address = LayOut(name, 1, WordSort.Context);
        if (_tracksLockUse)
            AllocateHardware($"use of {name}", 1); // LockTable finds it behind the lock.

        _spinLocks.Add(address);
        if (rank == LockRank.Inner)
            _innerLocks.Add(address);

        return address;
    }

    /// <inheritdoc/>
    public int CreateWaitQueue(string name)
    {
        int queue = LayOut(name, 1 + _taskLimit, WordSort.Queue);
        _waitQueues.Add((name, queue));
        return queue;
    }

    /// <inheritdoc/>
    public VirtualPage CreateRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive)
    {
        CheckIsBooting($"'{name}'");
        int first = _pages;
        _mapped.Add(new MappedRegion(name, start, pages, first, guard, exclusive));
        _pages += pages;
        return new VirtualPage(first);
    }

    /// <inheritdoc/>
    public void CreateFrames(int frames, int low, WordSort contents = WordSort.Number)
    {
        if (_frameBase >= 0)
            throw new KernelMisuseException("a machine's page frames are declared once");

        _frames = frames;
        _low = low;
        _frameBase = LayOut("memory", frames, contents, IndexSort.Frame);
    }

    /// <inheritdoc/>
    public TaskId Spawn(string name, Func<KernelTask> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        CheckIsBooting($"the task '{name}'");
        _tasks.Add((name, body));
        return new TaskId(_tasks.Count - 1);
    }

    /// <inheritdoc/>
    public void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CheckIsBooting($"the interrupt '{name}'");
        _interrupts.Add(new InterruptSource(name, kind, limit, handler));
    }

    /// <inheritdoc/>
    public void AtEnd(Func<Finding?> check) => _endChecks.Add(check);

    /// <inheritdoc/>
    public void WhenStuck(Func<Func<TaskId, bool>, Finding?> check) => _stuckChecks.Add(check);

    /// <inheritdoc/>
    public void NamePages(VirtualPage first, int pages, Func<int, string> nameOf) =>
        _pageNames.Add(new PageNames(first.Index, pages, nameOf));

    /// <inheritdoc/>
    public void ExplainWaits(Func<TaskId, IEnumerable<string>> explain) => _waitExplanations.Add(explain);

    private void LayOutPlainAccesses()
    {
        if (_arena.Regions.Any(region => region.IsWatched))
        {
            _plainBase = AllocateHardware(
                "plain_accesses",
                _contexts * PlainAccessWatch.AccessesMax,
                _isPinned ? IndexSort.Task : IndexSort.None);
        }
    }

    private void LayOutMmu()
    {
        _pageTableBase = LayOut("page_table", _pages, WordSort.Frame);
        _tlbBase = LayOut("tlb", _pages * _cpus, WordSort.Frame, _isPinned ? IndexSort.Task : IndexSort.None);
    }
}
