using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Outside;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// A booted machine at rest: the layout of its memory, the memory itself, its tasks and its detectors.
/// </summary>
/// <remarks>It never changes, so any number of machines, on any number of threads, can run from it.</remarks>
public sealed record MachineImage
{
    private readonly Arena _arena;
    private readonly bool[] _isBookkeeping; // By address.

    internal MachineImage(MachineOptions options, Arena arena, MmuLayout mmu, ProofHints hints)
    {
        Options = options;
        Mmu = mmu;
        Hints = hints;
        _arena = arena;
        _isBookkeeping = new bool[arena.Used];
        foreach (MemoryRegion region in arena.Regions.Where(region => region.Role == RegionRole.Bookkeeping))
            Array.Fill(_isBookkeeping, true, region.Start, region.Length);
    }

    /// <summary>How the machine is built.</summary>
    public MachineOptions Options { get; init; }

    /// <summary>Number of CPUs.</summary>
    public int Cpus { get; init; }

    /// <summary>Every task has a CPU of its own and never leaves it, so dispatching is no choice.</summary>
    public bool HasOwnCpus => Options.Cpus == 0;

    /// <summary>
    /// Every task has a CPU to itself, and steps of tasks are all that happens there: no interrupts of any kind.
    /// </summary>
    public bool IsPinned { get; init; }

    /// <summary>The most transitions that can be enabled at once.</summary>
    internal int TransitionsMax =>
        (Contexts * Transition.MaxOutcomes) + (IsPinned ? 0 : Cpus * (Tasks.Count + Interrupts.Count + 2));

    /// <summary>Whether machines of it fuse.</summary>
    internal bool Fuses => Options.Fusion && IsPinned;

    /// <summary>
    /// What may see that somebody is inside of a lock section, and so must be shown the states there; null if nothing
    /// may.
    /// </summary>
    internal string? SeesSections => Hints.MaySeeSections
        ? "a check of every state (Always)"
        : Array.Find(Detectors, each => LooksAtStates(each, typeof(SeesNoSectionAttribute))) is { } detector
            ? $"the detector {detector.GetType().Name}, which looks at every state,"
            : null;

    /// <summary>
    /// States are judged by code that might judge like tasks by their names (<see cref="TreatsNamesAlikeAttribute"/>).
    /// </summary>
    internal bool MayJudgeByNames =>
        Hints.MayJudgeByNames
        || Array.Exists(Detectors, each => LooksAtStates(each, typeof(TreatsNamesAlikeAttribute)));

    /// <summary>What the watch over fusion has to know.</summary>
    internal FusionLayout FusionLayout => new(Memory, Regions, SpinLocks, InnerLocks);

    internal CpuRules Rules => new(IsPinned, HasOwnCpus, Options.Preempt, Interrupts.Count > 0);

    /// <summary>The tasks, by number.</summary>
    public IReadOnlyList<(string Name, Func<KernelTask> Body)> Tasks { get; init; } = [];

    /// <summary>The interrupts, by number.</summary>
    public IReadOnlyList<InterruptSource> Interrupts { get; init; } = [];

    /// <summary>Number of contexts: tasks, then one per interrupt and CPU.</summary>
    public int Contexts { get; init; }

    /// <summary>The named parts of kernel memory, by address.</summary>
    public IReadOnlyList<MemoryRegion> Regions => _arena.Regions;

    /// <summary>The wait queues, by address.</summary>
    public IReadOnlyList<(string Name, int Address)> WaitQueues { get; init; } = [];

    /// <summary>Kernel memory as it was laid out and written at boot.</summary>
    internal int[] Memory => Start ?? _arena.Words;

    private int[]? Start { get; init; } // Other memory to begin with than what was booted.

    /// <summary>How kernel code that was booted with this image finds its machine.</summary>
    internal MachineSlot Slot { get; init; } = new();

    /// <summary>The wait queues again, for hot loops.</summary>
    internal int[] QueueAddresses { get; init; } = [];

    internal int CpuBase { get; init; }

    /// <summary>How often each interrupt has fired, for those that may not fire for ever.</summary>
    internal int InterruptBase { get; init; }

    /// <summary>The lock that serialises TLB shootdowns; -1 on a machine without them.</summary>
    internal int CallLock { get; init; }

    internal int StackBase { get; init; }

    /// <summary>Where each context's accesses of watched words are kept; -1 if no word is watched.</summary>
    internal int PlainBase { get; init; }

    internal MmuLayout Mmu { get; }

    internal Detector[] Detectors { get; init; } = [];

    internal int[] SpinLocks { get; init; } = [];

    internal HashSet<int> InnerLocks { get; init; } = [];

    /// <summary>What the scenario has declared for proofs.</summary>
    internal ProofHints Hints { get; }

    internal Func<Finding?>[] EndChecks { get; init; } = [];

    internal Func<Func<TaskId, bool>, Finding?>[] StuckChecks { get; init; } = [];

    internal PageNames[] PageNames { get; init; } = [];

    internal Func<TaskId, IEnumerable<string>>[] WaitExplanations { get; init; } = [];

    /// <summary>The objects made at boot to which stacks refer.</summary>
    internal KernelObjects Objects { get; init; } = new(roots: null);

    /// <summary>What tasks could share outside kernel memory, as it was after the boot.</summary>
    internal OutsideState Outside { get; init; } = new([], typeof(SimulatedKernel));

    /// <summary>The same machine with fusion (<see cref="MachineOptions.Fusion"/>) or without.</summary>
    internal MachineImage WithFusion(bool fusion) => this with { Options = Options with { Fusion = fusion } };

    /// <summary>The same machine, which begins with other words in memory, as some run has left them.</summary>
    /// <exception cref="UsageException">It has no such words.</exception>
    internal MachineImage BeginningWith(IReadOnlyList<NamedWords> words)
    {
        int[] memory = StartMemory.Of(this, words);
        foreach (Detector detector in Detectors)
            detector.OnStart(memory, Mmu);

        return this with { Start = memory };
    }

    /// <summary>What another boot of the same has made otherwise, as a finding; null if it has made the same.</summary>
    internal Finding? FindDifference(MachineImage other)
    {
        string? difference = DifferenceInMemory(other) ?? Outside.FindDifference(other.Outside);
        return difference is null ? null : new Finding(
            FailureClass.Nondeterminism,
            $"{difference}: the boot depends on something outside the machine (a clock, a random number, "
            + "a static field), so no two runs are of the same machine");
    }

    /// <summary>The same machine for a search that takes like tasks for the same, or for one that does not.</summary>
    internal MachineImage WithLikeTasks(bool areAlike) => this with { TakesTasksForAlike = areAlike };

    private bool TakesTasksForAlike { get; init; }

    /// <summary>Which words are watched for data races: those that tasks share and no lock guards.</summary>
    /// <remarks>
    /// Where the addresses of words change with the names of tasks, as those of an array by task do, only whether
    /// several tasks access them.
    /// </remarks>
    internal WordWatch[] WatchedWords()
    {
        var words = new WordWatch[Memory.Length];
        foreach (MemoryRegion region in Regions.Where(region => region.IsWatched))
        {
            bool moves = TakesTasksForAlike && Hints.Interchangeable.Length > 0 && region.Index != IndexSort.None;
            words.AsSpan(region.Start, region.Length).Fill(moves ? WordWatch.Users : WordWatch.Accesses);
        }

        return words;
    }

    /// <summary>Whether a word is part of an account of a scenario or a detector.</summary>
    internal bool IsBookkeeping(int address) => _isBookkeeping[address];

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
    public string NameOf(int address) => _arena.NameOf(address);

    private string? DifferenceInMemory(MachineImage other)
    {
        bool isLaidOutAlike = Regions.SequenceEqual(other.Regions)
            && Tasks.Select(task => task.Name).SequenceEqual(other.Tasks.Select(task => task.Name));
        if (!isLaidOutAlike)
            return "one boot lays out memory or spawns tasks otherwise than the next";

        int word = Memory.AsSpan().CommonPrefixLength(other.Memory);
        return word == Memory.Length
            ? null
            : $"{NameOf(word)} is {Memory[word]} at one boot and {other.Memory[word]} at the next";
    }

    // What is named in the accounts of accesses cannot be renamed, so where tasks are interchangeable their rows are
    // left out.
    private static bool LooksAtStates(Detector detector, Type exceptMarked) =>
        (detector.Events & MachineEvents.State) != 0
        && !((Action<MachineView>)detector.OnState).Method.IsDefined(exceptMarked, inherit: false);

}

/// <summary>Names of the pages of a region.</summary>
internal sealed record PageNames(int First, int Pages, Func<int, string> NameOf);
