using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>Lays out a simulated machine's memory, like a linker, while a scenario boots it.</summary>
/// <remarks>
/// The task table comes first, so that a context's words are found by a shift; then the CPUs; then whatever the
/// scenario and the detectors ask for, in that order.
/// </remarks>
public sealed class MachineBuilder : IKernelBoot<SimulatedKernel>
{
    /// <summary>
    /// Words at the end of memory that hold the hash of each stack, so that a state is hashed in one go.
    /// </summary>
    internal const int StackHashWords = 4;

    private readonly Machine _machine;
    private readonly List<MappedRegion> _mapped = [];
    private int _used;
    private int _pages;
    private int _frames;
    private int _low;
    private int _frameBase = -1;
    private readonly bool _tracksLockUse;
    private bool _isBooted;

    private MachineBuilder(Machine machine, int tasks, int interrupts, MachineOptions options)
    {
        if (options.Cpus is < 0 or > Transition.MaxContexts)
            throw new ArgumentOutOfRangeException(nameof(options), $"{options.Cpus} CPUs: the machine has 1 to {Transition.MaxContexts}");

        _machine = machine;
        Options = options;
        TaskLimit = tasks;
        Cpus = options.Cpus == 0 ? tasks : options.Cpus;
        IsPinned = options.Cpus == 0 && interrupts == 0 && !options.Shootdown;
        Contexts = tasks + (interrupts * Cpus);
        if (tasks < 1 || Contexts > Transition.MaxContexts)
            throw new ArgumentOutOfRangeException(nameof(tasks), $"{tasks} tasks and {interrupts} interrupts on {Cpus} CPUs: a machine has 1 to {Transition.MaxContexts} contexts");

        AllocateWords("tasks", Contexts * TaskTable.Stride, WordSort.Number, -1, role: RegionRole.Hardware);
        CpuBase = AllocateWords("cpus", Cpus * CpuTable.Stride, WordSort.Number, -1, role: RegionRole.Hardware);
        InterruptBase = AllocateWords("interrupts", interrupts, WordSort.Number, -1, role: RegionRole.Hardware);
        _tracksLockUse = interrupts > 0;
        CallLock = options.Shootdown ? CreateSpinLock("call_lock", LockRank.Outer) : -1;
    }

    /// <inheritdoc/>
    public SimulatedKernel Kernel => new(Slot);

    internal MachineSlot Slot { get; } = new();

    internal MachineOptions Options { get; }

    internal int TaskLimit { get; }

    internal int Cpus { get; }

    internal bool IsPinned { get; }

    internal int Contexts { get; }

    internal int CpuBase { get; }

    internal int InterruptBase { get; }

    internal int CallLock { get; }

    internal int StackBase { get; private set; }

    internal int PlainBase { get; private set; } = -1;

    internal List<MemoryRegion> Regions { get; } = [];

    internal List<(string Name, Func<KernelTask> Body)> Tasks { get; } = [];

    internal List<InterruptSource> Interrupts { get; } = [];

    internal List<Detector> Detectors { get; } = [];

    internal List<(string Name, int Address)> WaitQueues { get; } = [];

    internal List<int> SpinLocks { get; } = [];

    internal List<int> InnerLocks { get; } = [];

    internal List<int[]> MovingWithFrames { get; } = [];

    internal bool CanRenameFrames { get; private set; } = true;

    internal List<TaskGroup> Interchangeable { get; } = [];

    internal List<Action<int[]>> Canonicalizers { get; } = [];

    internal List<Func<Finding?>> StateChecks { get; } = [];

    internal List<SleepDeclaration> Sleeps { get; } = [];

    internal List<UseDeclaration> Uses { get; } = [];

    internal List<Func<Finding?>> EndChecks { get; } = [];

    internal List<Func<Func<TaskId, bool>, Finding?>> StuckChecks { get; } = [];

    internal List<Func<PageFrame, bool>> FreeFrames { get; } = [];

    internal List<PageNames> PageNames { get; } = [];

    internal List<Func<TaskId, IEnumerable<string>>> WaitExplanations { get; } = [];

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
        var machine = new Machine();
        var builder = new MachineBuilder(machine, tasks, interrupts, options);
        machine.MakeCurrent();
        boot(builder);
        if (builder.Tasks.Count != tasks || builder.Interrupts.Count != interrupts)
        {
            throw new KernelMisuseException(
                $"the scenario spawned {builder.Tasks.Count} tasks and {builder.Interrupts.Count} interrupts, but declared {tasks} and {interrupts}");
        }

        builder.LayOutMmu();
        foreach (Detector detector in detectors)
        {
            detector.OnBoot(builder);
            builder.Detectors.Add(detector);
        }

        builder.LayOutPlainAccesses();
        builder.StackBase = builder.AllocateWords("stacks", builder.Contexts * StackHashWords, WordSort.Number, -1, role: RegionRole.Hardware);
        builder._isBooted = true;
        return new MachineImage(builder, machine.Memory[..builder._used]);
    }

    private void CheckIsBooting(string what)
    {
        if (_isBooted)
            throw new KernelMisuseException($"{what} is made while tasks run: tasks, interrupts and kernel memory are made when the machine is booted, and stay the same");
    }

    /// <inheritdoc/>
    public int AllocateWords(string name, int length, WordSort sort, int guard, IndexSort index = IndexSort.None, RegionRole role = RegionRole.Kernel)
    {
        bool isWatched = role == RegionRole.Kernel && guard == Protection.None;
        return LayOut(new MemoryRegion(name, _used, length, sort, index, guard) { Role = role, IsWatched = isWatched });
    }

    // Locks, queues and page tables are accessed by operations only.
    private int LayOut(string name, int length, WordSort sort, IndexSort index = IndexSort.None) =>
        LayOut(new MemoryRegion(name, _used, length, sort, index, Protection.None));

    private int LayOut(MemoryRegion region)
    {
        CheckIsBooting($"'{region.Name}'");
        ArgumentOutOfRangeException.ThrowIfNegative(region.Length);
        _used += region.Length;
        _machine.Grow(_used);
        Regions.Add(region);
        return region.Start;
    }

    /// <inheritdoc/>
    public int CreateSpinLock(string name, LockRank rank)
    {
        int address = LayOut(name, 1, WordSort.Context);
        if (_tracksLockUse)
            AllocateWords($"use of {name}", 1, WordSort.Number, -1, role: RegionRole.Hardware); // Machine.NoteLockUse finds it behind the lock.

        SpinLocks.Add(address);
        if (rank == LockRank.Inner)
            InnerLocks.Add(address);

        return address;
    }

    /// <inheritdoc/>
    public int CreateWaitQueue(string name)
    {
        int queue = LayOut(name, 1 + TaskLimit, WordSort.Queue);
        WaitQueues.Add((name, queue));
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
    public void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse) => Uses.Add(new UseDeclaration(first.Index, pages, isInUse));

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
        Tasks.Add((name, body));
        return new TaskId(Tasks.Count - 1);
    }

    /// <inheritdoc/>
    public void AttachInterrupt(string name, InterruptKind kind, int limit, Func<KernelTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CheckIsBooting($"the interrupt '{name}'");
        Interrupts.Add(new InterruptSource(name, kind, limit, handler));
    }

    /// <inheritdoc/>
    public void DeclareInterchangeable(int firstTask, int tasks, int firstPage, int pagesEach)
    {
        if (IsPinned && tasks > 1)
            Interchangeable.Add(new TaskGroup(firstTask, tasks, firstPage, pagesEach));
    }

    /// <inheritdoc/>
    public void DeclareMovingWithFrames(IReadOnlyList<int> addresses) => MovingWithFrames.Add([.. addresses]);

    /// <inheritdoc/>
    public void ForbidRenamingFrames() => CanRenameFrames = false;

    /// <inheritdoc/>
    public void Canonicalize(Action<int[]> canonicalizer) => Canonicalizers.Add(canonicalizer);

    /// <inheritdoc/>
    public void AtEnd(Func<Finding?> check) => EndChecks.Add(check);

    /// <inheritdoc/>
    public void WhenStuck(Func<Func<TaskId, bool>, Finding?> check) => StuckChecks.Add(check);

    /// <inheritdoc/>
    public void DeclareFree(Func<PageFrame, bool> isFree) => FreeFrames.Add(isFree);

    /// <inheritdoc/>
    public void NamePages(VirtualPage first, int pages, Func<int, string> nameOf) => PageNames.Add(new PageNames(first.Index, pages, nameOf));

    /// <inheritdoc/>
    public void Always(Func<Finding?> check) => StateChecks.Add(check);

    /// <inheritdoc/>
    public void DeclareSleep(int waitQueue, int spinLock, string sleeper, Func<bool> isThere) =>
        Sleeps.Add(new SleepDeclaration(waitQueue, spinLock, sleeper, isThere));

    /// <inheritdoc/>
    public void ExplainWaits(Func<TaskId, IEnumerable<string>> explain) => WaitExplanations.Add(explain);

    /// <summary>Number of page frames declared.</summary>
    public int FrameCount => _frames;

    /// <summary>Number of page table entries of all regions.</summary>
    public int PageCount => _pages;

    /// <summary>Whether somebody has declared how to tell which page frames are free.</summary>
    public bool HasFreeFrames => FreeFrames.Count > 0;

    /// <summary>Whether a frame may have several entries in some region.</summary>
    public bool HasSharedRegion => _mapped.Any(region => !region.IsExclusive);

    internal MmuLayout MmuLayout() => new(
        [.. _mapped],
        _pages,
        PageTableBase,
        TlbBase,
        _frames,
        _low,
        _frameBase);

    private int PageTableBase { get; set; }

    private int TlbBase { get; set; }

    private void LayOutPlainAccesses()
    {
        if (Regions.Exists(region => region.IsWatched))
        {
            PlainBase = AllocateWords(
                "plain_accesses", Contexts * Machine.PlainAccessesMax, WordSort.Number, -1, IsPinned ? IndexSort.Task : IndexSort.None, RegionRole.Hardware);
        }
    }

    private void LayOutMmu()
    {
        PageTableBase = LayOut("page_table", _pages, WordSort.Frame);
        TlbBase = LayOut("tlb", _pages * Cpus, WordSort.Frame, IsPinned ? IndexSort.Task : IndexSort.None);
    }
}
