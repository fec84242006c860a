using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// A simulated machine: says which transitions are enabled, and performs the one that somebody else picks.
/// </summary>
/// <remarks>
/// One thread steps it. All its state is in <see cref="Memory"/> and in the suspended frames of its contexts, so the
/// two together are a snapshot. The tables are views of that memory.
/// </remarks>
public sealed partial class Machine
{
    private readonly MachineImage _image = null!;
    private readonly KernelStack[] _stacks = [];
    private readonly FramePool _pool;
    private readonly Transition[] _enabled = [];
    private readonly byte[] _isInner = [];
    private int _current = -1;
    private int _loopTurns;
    private bool _isAnnounced;
    private bool _hasReleased; // The step has released a lock that others wait for.
    private bool _isBeginning; // A context runs up to its first operation.
    private bool _isCommitted; // The step has done something that others can see: what is visible next starts a new step.

    /// <summary>
    /// A machine that runs from <paramref name="image"/>; <paramref name="copyOnResume"/> if its states are to be
    /// returned to.
    /// </summary>
    public Machine(MachineImage image, bool copyOnResume = false)
    {
        ArgumentNullException.ThrowIfNull(image);
        _image = image;
        _pool = new FramePool { Owner = this, Objects = image.Objects };
        image.Slot.Enter(this);
        Memory = [.. image.Memory];
        Tasks = new TaskTable(Memory, image.Tasks.Count, image.Contexts);
        Cpus = new CpuTable(Memory, image.CpuBase, image.Cpus);
        Queues = new WaitQueueTable(Memory, Tasks);
        Mmu = new MmuTable(Memory, image.Mmu) { Cpus = image.Cpus };
        _stacks = new KernelStack[image.Contexts];
        for (int i = 0; i < _stacks.Length; i++)
            _stacks[i] = new KernelStack(_pool, copyOnResume);

        _isInner = new byte[Memory.Length];
        foreach (int spinLock in image.InnerLocks)
            _isInner[spinLock] = 1;

        _isWatched = image.PlainBase >= 0 ? image.WatchedWords() : null;
        _points = image.Options.Points;
        _fuses = image.Options.Fusion && image.IsPinned;
        _fusionWatch = _fuses ? new FusionWatch(this, image) : null;
        _judgesUnguarded = _fuses || _isWatched is not null;
        _preemptOffset = image.Options.Preempt ? 1 : 0;
        _tracksLockUse = image.Interrupts.Count > 0;
        _enabled = new Transition[TransitionsMax(image) + 1]; // One more, as EnabledSteps writes before it decides.
        _onPteChange = Subscribers(MachineEvents.PteChange);
        _onWrongAccess = Subscribers(MachineEvents.WrongAccess);
        _onAccess = Subscribers(MachineEvents.Access);
        _onMaySleep = Subscribers(MachineEvents.MaySleep);
        _onExit = Subscribers(MachineEvents.Exit);
        _onSlotRelease = Subscribers(MachineEvents.SlotRelease);
        _onQuiescent = Subscribers(MachineEvents.Quiescent);
        _onState = Subscribers(MachineEvents.State);
        image.Options.Watch?.Add(this);
    }

    /// <summary>A machine that is being booted: memory only.</summary>
    internal Machine() => _pool = new FramePool { Owner = this };

    /// <summary>What the machine was booted from.</summary>
    public MachineImage Image => _image;

    /// <summary>The tasks and interrupt handlers.</summary>
    public TaskTable Tasks { get; } = null!;

    /// <summary>The processors.</summary>
    public CpuTable Cpus { get; } = null!;

    /// <summary>The wait queues.</summary>
    public WaitQueueTable Queues { get; } = null!;

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public MmuTable Mmu { get; } = null!;

    /// <summary>The first thing found wrong since the last <see cref="Reset"/>; null if nothing.</summary>
    public Finding? Finding { get; private set; }

    /// <summary>Who watches this machine closely, if anybody.</summary>
    public IMachineObserver? Observer { get; set; }

    /// <summary>Operations that tasks have finished since the last <see cref="Reset"/>.</summary>
    public long OperationsDone { get; private set; }

    /// <summary>
    /// Operations that tasks have finished, rounds that they have chosen to go on after, and tasks that have ended.
    /// </summary>
    internal long Progress { get; private set; }

    /// <summary>The context that runs, or ran last; -1 before the first.</summary>
    public int CurrentContext => _current;

    internal static Machine Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<Machine>(FramePool.Current.Owner!);
    }

    /// <summary>All of kernel memory.</summary>
    internal int[] Memory { get; private set; } = new int[256];

    /// <summary>A word of an account, which is not the kernel's.</summary>
    internal ref int BookkeepingWord(int address)
    {
        if (!_image.IsBookkeeping(address))
            throw new InvalidOperationException($"a detector may write only words that it has laid out as bookkeeping, and {_image.NameOf(address)} is none");

        return ref Memory[address];
    }

    internal KernelStack Stack(int context) => _stacks[context];

    internal FramePool Pool => _pool;

    /// <summary>
    /// Boots again: memory as in the image, and every task that has a CPU in front of its first operation.
    /// </summary>
    public void Reset()
    {
        MakeCurrent();
        _image.Memory.CopyTo(Memory, 0);
        Finding = null;
        OperationsDone = 0;
        _calls += _calls & 1; // A call that has ended in an exception.
        Progress = 0;
        FusedOperations = 0;
        for (int context = 0; context < _image.Tasks.Count; context++)
        {
            _stacks[context].Unwind();
            Tasks.SetStatus(context, ContextStatus.Runnable);
            if (!_image.HasOwnCpus)
                continue; // It begins when it is dispatched, as its first code may ask on which CPU it is.

            Place(context, context);
            Begin(context, _image.Tasks[context].Body);
        }

        for (int context = _image.Tasks.Count; context < _stacks.Length; context++)
            _stacks[context].Unwind();
    }

    /// <summary>What may happen next, in a fixed order; empty when nothing can. Valid until the next call.</summary>
    public ReadOnlySpan<Transition> Enabled()
    {
        int count = _image.IsPinned ? EnabledSteps() : EnabledOnCpus();
        return _enabled.AsSpan(0, count);
    }

    /// <summary>Lets one of the enabled transitions happen.</summary>
    public void Perform(Transition transition)
    {
        MakeCurrent();
        if (transition.Kind == TransitionKind.Step)
            StepContext(transition.Subject);
        else
            PerformOnCpu(transition);
    }

    /// <summary>Whether a context could perform its pending operation now, if it had a CPU.</summary>
    public bool IsReady(int context)
    {
        if (Tasks.Status(context) != ContextStatus.Runnable)
            return false;

        OperationKind kind = Tasks.Operation(context);
        if (kind == OperationKind.Acquire)
            return Memory[Tasks.Target(context)] == 0;

        return kind < OperationKind.Await || IsReadyToGoOn(context, kind);
    }

    /// <summary>The context that holds a spin lock, -1 if nobody does.</summary>
    public int HolderOf(int spinLock) => Memory[spinLock] - 1;

    /// <summary>
    /// The call chain of a suspended context, innermost first, under C names; a lambda goes by the name of its task or
    /// interrupt.
    /// </summary>
    public IReadOnlyList<string> CallChain(int context) => KernelCallChain.OfSuspended(_stacks[context].Top, NameAtSpawn(context));

    /// <summary>The name of a context, for people: "task 1".</summary>
    public string NameOf(int context) => context < Tasks.Count
        ? $"task {context}"
        : $"{_image.Interrupts[(context - Tasks.Count) / Cpus.Count].Name} on CPU {(context - Tasks.Count) % Cpus.Count}";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MakeCurrent() => _pool.MakeCurrent();

    internal void Grow(int words)
    {
        if (words <= Memory.Length)
            return;

        int[] larger = new int[Math.Max(words, Memory.Length * 2)];
        Memory.CopyTo(larger, 0);
        Memory = larger;
    }

    /// <summary>The most transitions that can be enabled at once.</summary>
    internal static int TransitionsMax(MachineImage image) =>
        (image.Contexts * Transition.MaxOutcomes) + (image.Cpus * (image.Tasks.Count + image.Interrupts.Count + 2));
}
