using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Outside;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// A booted machine at rest: the layout of its memory, the memory itself, its tasks and its detectors.
/// </summary>
/// <remarks>It never changes, so any number of machines, on any number of threads, can run from it.</remarks>
public sealed class MachineImage
{
    private readonly bool[] _isBookkeeping; // By address.

    internal MachineImage(MachineBuilder builder, int[] memory)
    {
        Memory = memory;
        Slot = builder.Slot;
        Options = builder.Options;
        Cpus = builder.Cpus;
        IsPinned = builder.IsPinned;
        InterruptBase = builder.InterruptBase;
        CallLock = builder.CallLock;
        Tasks = [.. builder.Tasks];
        Interrupts = [.. builder.Interrupts];
        Contexts = builder.Contexts;
        CpuBase = builder.CpuBase;
        StackBase = builder.StackBase;
        PlainBase = builder.PlainBase;
        Regions = [.. builder.Regions];
        _isBookkeeping = new bool[memory.Length];
        foreach (MemoryRegion region in Regions.Where(region => region.Role == RegionRole.Bookkeeping))
            Array.Fill(_isBookkeeping, true, region.Start, region.Length);

        Mmu = builder.MmuLayout();
        Detectors = [.. builder.Detectors];
        WaitQueues = [.. builder.WaitQueues];
        QueueAddresses = [.. builder.WaitQueues.Select(queue => queue.Address)];
        SpinLocks = [.. builder.SpinLocks];
        InnerLocks = [.. builder.InnerLocks];
        Interchangeable = [.. builder.Interchangeable.Where(group => builder.CanRenameFrames && (Options.Points & SchedulingPoints.InnerLocks) == 0)];
        MovingWithFrames = [.. builder.MovingWithFrames];
        Canonicalizers = [.. builder.Canonicalizers];
        StateChecks = [.. builder.StateChecks];
        Sleeps = [.. builder.Sleeps];
        Uses = [.. builder.Uses];
        EndChecks = [.. builder.EndChecks];
        StuckChecks = [.. builder.StuckChecks];
        FreeFrames = [.. builder.FreeFrames];
        PageNames = [.. builder.PageNames];
        WaitExplanations = [.. builder.WaitExplanations];
        Outside = new OutsideState([.. Delegates(builder), .. builder.Detectors], typeof(SimulatedKernel));
        Objects = new KernelObjects([.. Tasks.Select(task => task.Body), .. Interrupts.Select(interrupt => interrupt.Handler)]);
    }

    private MachineImage(MachineImage other, MachineOptions options)
    {
        Options = options;
        Slot = other.Slot;
        Memory = other.Memory;
        Cpus = other.Cpus;
        IsPinned = other.IsPinned;
        InterruptBase = other.InterruptBase;
        CallLock = other.CallLock;
        Tasks = other.Tasks;
        Interrupts = other.Interrupts;
        Contexts = other.Contexts;
        CpuBase = other.CpuBase;
        StackBase = other.StackBase;
        PlainBase = other.PlainBase;
        Regions = other.Regions;
        _isBookkeeping = other._isBookkeeping;
        Mmu = other.Mmu;
        Detectors = other.Detectors;
        WaitQueues = other.WaitQueues;
        QueueAddresses = other.QueueAddresses;
        SpinLocks = other.SpinLocks;
        InnerLocks = other.InnerLocks;
        Interchangeable = other.Interchangeable;
        MovingWithFrames = other.MovingWithFrames;
        Canonicalizers = other.Canonicalizers;
        StateChecks = other.StateChecks;
        Sleeps = other.Sleeps;
        Uses = other.Uses;
        EndChecks = other.EndChecks;
        StuckChecks = other.StuckChecks;
        FreeFrames = other.FreeFrames;
        PageNames = other.PageNames;
        WaitExplanations = other.WaitExplanations;
        Objects = other.Objects;
        Outside = other.Outside;
    }

    /// <summary>How the machine is built.</summary>
    public MachineOptions Options { get; }

    /// <summary>Number of CPUs.</summary>
    public int Cpus { get; }

    /// <summary>Every task has a CPU of its own and never leaves it, so dispatching is no choice.</summary>
    public bool HasOwnCpus => Options.Cpus == 0;

    /// <summary>
    /// Every task has a CPU to itself, and steps of tasks are all that happens there: no interrupts of any kind.
    /// </summary>
    public bool IsPinned { get; }

    /// <summary>The tasks, by number.</summary>
    public IReadOnlyList<(string Name, Func<KernelTask> Body)> Tasks { get; }

    /// <summary>The interrupts, by number.</summary>
    public IReadOnlyList<InterruptSource> Interrupts { get; }

    /// <summary>Number of contexts: tasks, then one per interrupt and CPU.</summary>
    public int Contexts { get; }

    /// <summary>The named parts of kernel memory, by address.</summary>
    public IReadOnlyList<MemoryRegion> Regions { get; }

    /// <summary>The wait queues, by address.</summary>
    public IReadOnlyList<(string Name, int Address)> WaitQueues { get; }

    internal int[] Memory { get; }

    /// <summary>How kernel code that was booted with this image finds its machine.</summary>
    internal MachineSlot Slot { get; }

    internal int[] QueueAddresses { get; }

    internal int CpuBase { get; }

    /// <summary>How often each interrupt has fired, for those that may not fire for ever.</summary>
    internal int InterruptBase { get; }

    /// <summary>The lock that serialises TLB shootdowns; -1 on a machine without them.</summary>
    internal int CallLock { get; }

    internal int StackBase { get; }

    /// <summary>Where each context's accesses of watched words are kept; -1 if no word is watched.</summary>
    internal int PlainBase { get; }

    internal MmuLayout Mmu { get; }

    internal Detector[] Detectors { get; }

    internal int[] SpinLocks { get; }

    internal HashSet<int> InnerLocks { get; }

    internal TaskGroup[] Interchangeable { get; }

    internal int[][] MovingWithFrames { get; }

    internal Action<int[]>[] Canonicalizers { get; }

    internal Func<Finding?>[] StateChecks { get; }

    internal SleepDeclaration[] Sleeps { get; }

    internal UseDeclaration[] Uses { get; }

    internal Func<Finding?>[] EndChecks { get; }

    internal Func<Func<TaskId, bool>, Finding?>[] StuckChecks { get; }

    internal Func<PageFrame, bool>[] FreeFrames { get; }

    internal PageNames[] PageNames { get; }

    internal Func<TaskId, IEnumerable<string>>[] WaitExplanations { get; }

    /// <summary>The objects made at boot to which stacks refer.</summary>
    internal KernelObjects Objects { get; }

    /// <summary>What tasks could share outside kernel memory, as it was after the boot.</summary>
    internal OutsideState Outside { get; }

    private static IEnumerable<Delegate> Delegates(MachineBuilder builder) =>
    [
        .. builder.Tasks.Select(task => task.Body),
        .. builder.Interrupts.Select(interrupt => interrupt.Handler),
        .. builder.StateChecks,
        .. builder.EndChecks,
        .. builder.StuckChecks,
        .. builder.FreeFrames,
        .. builder.Sleeps.Select(sleep => sleep.IsThere),
        .. builder.Uses.Select(use => use.IsInUse),
        .. builder.Canonicalizers,
        .. builder.WaitExplanations,
    ];

    /// <summary>The same machine without fusion (<see cref="MachineOptions.Fusion"/>).</summary>
    internal MachineImage WithoutFusion() => new(this, Options with { Fusion = false });

    /// <summary>What another boot of the same has made otherwise, as a finding; null if it has made the same.</summary>
    internal Finding? FindDifference(MachineImage other)
    {
        string? difference = DifferenceInMemory(other) ?? Outside.FindDifference(other.Outside);
        return difference is null ? null : new Finding(
            FailureClass.Nondeterminism,
            $"{difference}: the boot depends on something outside the machine (a clock, a random number, a static field), so no two runs are of the same machine");
    }

    private string? DifferenceInMemory(MachineImage other)
    {
        if (!Regions.SequenceEqual(other.Regions) || !Tasks.Select(task => task.Name).SequenceEqual(other.Tasks.Select(task => task.Name)))
            return "one boot lays out memory or spawns tasks otherwise than the next";

        int word = Memory.AsSpan().CommonPrefixLength(other.Memory);
        return word == Memory.Length ? null : $"{NameOf(word)} is {Memory[word]} at one boot and {other.Memory[word]} at the next";
    }

    /// <summary>Which words are watched for data races: those that tasks share and no lock guards.</summary>
    internal byte[] WatchedWords()
    {
        byte[] words = new byte[Memory.Length];
        foreach (MemoryRegion region in Regions.Where(region => region.IsWatched && IsWatchable(region)))
            words.AsSpan(region.Start, region.Length).Fill(1);

        return words;
    }

    /// <summary>Whether a word is part of an account of a scenario or a detector.</summary>
    internal bool IsBookkeeping(int address) => _isBookkeeping[address];

    // What is named in the accounts of accesses cannot be renamed, so where tasks are interchangeable their rows are
    // left out.
    private bool IsWatchable(MemoryRegion region) => region.Index == IndexSort.None || Interchangeable.Length == 0;

    /// <summary>Whether somebody may follow a page table entry; true unless it was declared otherwise.</summary>
    internal bool IsInUse(int page)
    {
        foreach (UseDeclaration use in Uses)
        {
            if ((uint)(page - use.First) < (uint)use.Pages)
                return use.IsInUse(page - use.First);
        }

        return true;
    }

    /// <summary>Whether nobody owns a page frame.</summary>
    internal bool IsFree(PageFrame frame)
    {
        foreach (Func<PageFrame, bool> isFree in FreeFrames)
        {
            if (isFree(frame))
                return true;
        }

        return false;
    }

    /// <summary>What the scenario calls a page of a mapped region; null if it has no name.</summary>
    internal string? NameOfPage(int page)
    {
        foreach (PageNames names in PageNames)
        {
            if ((uint)(page - names.First) < (uint)names.Pages)
                return names.NameOf(page - names.First);
        }

        return null;
    }

    /// <summary>The name of a word of kernel memory: pkmap_count[3].</summary>
    public string NameOf(int address)
    {
        foreach (MemoryRegion region in Regions)
        {
            if (address >= region.Start && address < region.Start + region.Length)
                return region.Length == 1 || region.Sort == WordSort.Queue ? region.Name : $"{region.Name}[{address - region.Start}]";
        }

        return $"word {address}";
    }
}

/// <summary>A named part of kernel memory.</summary>
/// <param name="Name">The kernel's name for it.</param>
/// <param name="Start">The address of its first word.</param>
/// <param name="Length">Its length in words.</param>
/// <param name="Sort">What its values mean.</param>
/// <param name="Index">What its elements belong to.</param>
/// <param name="Guard">The lock that protects it, or a <see cref="Protection"/>.</param>
public sealed record MemoryRegion(string Name, int Start, int Length, WordSort Sort, IndexSort Index, int Guard)
{
    /// <summary>Who may touch it.</summary>
    public RegionRole Role { get; init; }

    /// <summary>Whether accesses of it are watched for data races.</summary>
    internal bool IsWatched { get; init; }
}

/// <summary>What tasks on a wait queue wait for.</summary>
internal sealed record SleepDeclaration(int WaitQueue, int SpinLock, string Sleeper, Func<bool> IsThere);

/// <summary>How to tell whether entries of a region are in use.</summary>
internal sealed record UseDeclaration(int First, int Pages, Func<int, bool> IsInUse);

/// <summary>Names of the pages of a region.</summary>
internal sealed record PageNames(int First, int Pages, Func<int, string> NameOf);

/// <summary>Tasks that differ only in their numbers and in the pages that each has for itself.</summary>
internal sealed record TaskGroup(int FirstTask, int Tasks, int FirstPage, int PagesEach);

/// <summary>An interrupt that may fire.</summary>
/// <param name="Name">The scenario's name for it.</param>
/// <param name="Kind">Hard or soft.</param>
/// <param name="Limit">How often it may fire in one execution, over all CPUs; 0 for any number of times, as long as a
/// task has not ended.</param>
/// <param name="Handler">What runs.</param>
public sealed record InterruptSource(string Name, InterruptKind Kind, int Limit, Func<KernelTask> Handler);
