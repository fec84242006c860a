using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>
/// What kernel code may ask of the machine it runs on. Implementations are structs, so that the JIT compiles the port
/// once per kernel.
/// </summary>
/// <remarks>
/// A member that returns a <see cref="KernelStep"/> is a scheduling point: other CPUs may run before it happens.
/// Everything else is an access of the running task that nobody can come between. Locks, queues and memory are named by
/// the numbers that <see cref="IKernelBoot{TKernel}"/> gave out; kernel code uses the typed handles around them.
/// </remarks>
public interface IKernel
{
    /// <summary>
    /// The running task (current); in an interrupt, the number that the handler has on this CPU, behind those of the
    /// tasks.
    /// </summary>
    TaskId CurrentTask { get; }

    /// <summary>The CPU that the running task is on (smp_processor_id).</summary>
    CpuId CurrentCpu { get; }

    /// <summary>preempt_count of whatever runs: bits 0-7 preemption, 8-15 softirq, 16-27 hardirq.</summary>
    int PreemptCount { get; }

    /// <summary>
    /// How often preemption is off on a CPU, by all that runs there and was interrupted there; for a look from outside
    /// the kernel.
    /// </summary>
    int PreemptDepthOn(CpuId cpu);

    /// <summary>Interrupts are off on this CPU (irqs_disabled).</summary>
    bool IrqsDisabled { get; }

    /// <summary>A word of kernel memory, whatever protects it.</summary>
    ref int Word(int address);

    /// <summary>
    /// A word of kernel memory, as somebody sees it who does not hold lock <paramref name="guard"/>, which protects it.
    /// </summary>
    int Peek(int address, int guard);

    /// <summary>
    /// The first of some words in a row that is not 0, counted from the first; -1 if all are. For a look from outside
    /// the kernel.
    /// </summary>
    int FirstNonZero(int address, int length);

    /// <summary>
    /// A word of kernel memory, for an unmarked access: the running task must hold lock <paramref name="guard"/> (-1:
    /// none is needed).
    /// </summary>
    ref int GuardedWord(int address, int guard);

    /// <summary>
    /// How many of some words in a row, from the first on, a loop may pass over that looks at each by
    /// <see cref="GuardedWord"/> for one that is <paramref name="value"/>: none of these is, and they count as looked
    /// at. 0 where each look has to be made by itself.
    /// </summary>
    int PassOver(int first, int length, int guard, int value);

    /// <summary>
    /// Stores <paramref name="value"/> into a word of an account of who does what, if the word is
    /// <paramref name="expected"/>; yields what it was. An account is not the kernel's, so this is no scheduling point;
    /// where tasks really run at the same time, nobody comes between.
    /// </summary>
    int ChangeAccount(int address, int expected, int value);

    /// <summary>A marked access without a lock: reads a word.</summary>
    KernelStep<int> ReadOnce(int address);

    /// <summary>A marked access without a lock: writes a word.</summary>
    KernelStep WriteOnce(int address, int value);

    /// <summary>One atomic step: adds to a word and yields what it was.</summary>
    KernelStep<int> FetchAdd(int address, int delta);

    /// <summary>
    /// One atomic step: stores <paramref name="value"/> if the word is <paramref name="expected"/>; yields whether it
    /// was.
    /// </summary>
    KernelStep<bool> CompareExchange(int address, int expected, int value);

    /// <summary>
    /// One atomic step: stores <paramref name="value"/> if the word is <paramref name="expected"/>; yields what it was.
    /// </summary>
    KernelStep<int> CompareExchangeOld(int address, int expected, int value);

    /// <summary>One atomic step: stores a value and yields what the word was.</summary>
    KernelStep<int> Exchange(int address, int value);

    /// <summary>Waits until a word has a value, as a loop does that calls schedule() between its looks.</summary>
    KernelStep Await(int address, int value);

    /// <summary>Waits until a word compares with a value so, as <see cref="Await"/> does.</summary>
    KernelStep AwaitThat(int address, Comparison comparison, int value) =>
        throw new NotSupportedException("this kernel awaits no comparison");

    /// <summary>
    /// Waits until a word compares with a value so, and adds to it in the same step; yields what it was. Semaphores,
    /// barriers and locks for many readers are made of it.
    /// </summary>
    KernelStep<int> AwaitAdd(int address, Comparison comparison, int value, int delta) =>
        throw new NotSupportedException("this kernel awaits no comparison");

    /// <summary>spin_lock and its variants; yields the saved interrupt flag.</summary>
    KernelStep<int> Acquire(int spinLock, LockContext context);

    /// <summary>spin_trylock.</summary>
    KernelStep<bool> TryAcquire(int spinLock);

    /// <summary>spin_unlock and its variants; <paramref name="flags"/> is what the acquire yielded.</summary>
    KernelStep Release(int spinLock, LockContext context, int flags);

    /// <summary>spin_is_locked.</summary>
    bool IsLocked(int spinLock);

    /// <summary>current->state = state, without a barrier.</summary>
    KernelStep SetState(TaskState state);

    /// <summary>schedule(): gives up the CPU; sleeps if the state says so, until somebody wakes the task.</summary>
    KernelStep Schedule();

    /// <summary>add_wait_queue, or add_wait_queue_exclusive, of the running task.</summary>
    KernelStep Enqueue(int waitQueue, bool exclusive);

    /// <summary>remove_wait_queue of the running task.</summary>
    KernelStep Dequeue(int waitQueue);

    /// <summary>waitqueue_active: whether the queue has entries, without any lock.</summary>
    bool IsActive(int waitQueue);

    /// <summary>waitqueue_active as a scheduling point, for a caller whom no lock protects.</summary>
    KernelStep<bool> IsActiveOnce(int waitQueue);

    /// <summary>
    /// Waits until a queue has <paramref name="count"/> entries: no kernel function, for scenarios that set the stage.
    /// </summary>
    KernelStep AwaitWaiters(int waitQueue, int count);

    /// <summary>
    /// wake_up: wakes all waiters and at most <paramref name="exclusive"/> exclusive ones (0: no limit).
    /// </summary>
    KernelStep WakeUp(int waitQueue, int exclusive);

    /// <summary>
    /// A choice that the kernel does not make: yields a number from 0 to <paramref name="outcomes"/> - 1, and a search
    /// tries them all. It touches nothing that others see. This is also what "an allocation fails by chance" is written
    /// with: <c>if (await kernel.Choose(2) == 1) return null;</c>
    /// </summary>
    /// <param name="outcomes">How many there are: 1 to 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer or more.</exception>
    KernelStep<int> Choose(int outcomes);

    /// <summary>
    /// A choice whether the running task goes on with another round of what it repeats: false ends it. No kernel
    /// function, for scenarios; use <see cref="Scenarios.RoundsLeft"/>.
    /// </summary>
    KernelStep<bool> ChooseRound();

    /// <summary>A place where only an interrupt on this CPU, or a preemption, can come between.</summary>
    KernelStep InterruptWindow();

    /// <summary>Adds to preempt_count of whatever runs, without any check.</summary>
    void AddPreemptCount(int delta);

    /// <summary>preempt_disable without CONFIG_PREEMPT is nothing; this adds only where it is something.</summary>
    void AddPreemptCountIfPreemptible(int delta);

    /// <summary>preempt_check_resched: a place where a preemption may happen if one is due.</summary>
    KernelStep PreemptCheckResched();

    /// <summary>Switches interrupts on this CPU; yields whether they were off.</summary>
    bool SetIrqsDisabled(bool disabled);

    /// <summary>might_sleep(): complains when called in atomic context or with interrupts off.</summary>
    void MightSleep();

    /// <summary>Writes a page table entry; the TLBs keep what they have.</summary>
    void SetPte(VirtualPage page, PageFrame frame);

    /// <summary>The frame in a page table entry.</summary>
    PageFrame GetPte(VirtualPage page);

    /// <summary>Whether some CPU keeps a translation for a page.</summary>
    bool IsCached(VirtualPage page);

    /// <summary>flush_tlb_all: returns when no CPU has any translation left.</summary>
    KernelStep FlushTlbAll();

    /// <summary>Forgets one translation on this CPU only (invlpg).</summary>
    void FlushTlbOne(VirtualPage page);

    /// <summary>Forgets all translations of this CPU only.</summary>
    void FlushTlbLocal();

    /// <summary>
    /// Tells that the running code has done with a page of a region in which frames may have several entries (a fixmap
    /// slot), whether or not its page table entry is cleared. It had begun when it wrote the entry.
    /// </summary>
    void ReleaseSlot(VirtualPage page);

    /// <summary>
    /// Reads the contents of the page that an address leads to; <paramref name="intended"/> is the one the caller
    /// means.
    /// </summary>
    KernelStep<int> Load(VirtualAddress address, PageFrame intended);

    /// <summary>
    /// Writes the contents of the page that an address leads to; <paramref name="intended"/> is the one the caller
    /// means.
    /// </summary>
    KernelStep Store(VirtualAddress address, PageFrame intended, int value);

    /// <summary>
    /// BUG(): the task dies where it stands, with whatever locks it holds. <paramref name="code"/> is function:check.
    /// </summary>
    void Bug(string code);

    /// <summary>The scenario's own check failed.</summary>
    void Fail(FailureClass failure, string message);

    /// <summary>
    /// One turn of a loop that has no scheduling point; a loop that turns too often in one step is a livelock.
    /// </summary>
    void LoopTurn();

    /// <summary>The running task has finished one of its operations (progress, for liveness and throughput).</summary>
    void OperationDone();

    /// <summary>Tells observers of something worth counting that changes no state.</summary>
    void Count(KernelEvent what);
}

/// <summary>Things that recorded traces of the kernel count.</summary>
public enum KernelEvent
{
    /// <summary>The whole table was swept for idle slots (flush_all_zero_pkmaps).</summary>
    Sweep,

    /// <summary>A TLB range was flushed on all CPUs.</summary>
    TlbFlushAll,

    /// <summary>One translation was flushed on one CPU.</summary>
    TlbFlushOne,

    /// <summary>A wait queue was woken.</summary>
    WakeCall,

    /// <summary>preempt_check_resched was passed.</summary>
    ReschedCheck,
}
