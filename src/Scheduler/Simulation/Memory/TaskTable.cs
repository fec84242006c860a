using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>The contexts of a machine: its tasks, and the interrupt handlers that may run on each CPU.</summary>
public sealed class TaskTable
{
    /// <summary>Words per context.</summary>
    internal const int Stride = 1 << Shift;

    private const int Shift = 3;
    private const int StateWord = 0;
    private const int StatusWord = 1;
    private const int OperationWord = 2;
    private const int ArgumentWord = 3;
    private const int SecondArgumentWord = 4;
    private const int OperationWords = 3;
    private const int PreemptCountWord = 5;
    private const int CpuWord = 6;
    private const int HeldWord = 7; // Wait queues in the low half, above it locks, and how many of these are inner.
    private const int OneLock = 1 << 16;
    private const int OneInnerLock = 1 << 26;
    private const int LocksMax = (OneInnerLock / OneLock) - 1;
    private const int InnerLocksMax = 31;

    private const int TargetBits = 24;
    private const int TargetMask = (1 << TargetBits) - 1;

    private readonly KernelWords _memory;

    internal TaskTable(KernelWords memory, int tasks, int contexts)
    {
        _memory = memory;
        Count = tasks;
        Contexts = contexts;
    }

    /// <summary>Number of tasks.</summary>
    public int Count { get; }

    /// <summary>Is told of changes that may make a context ready, or no longer; null if nobody wants to know.</summary>
    internal ContextChanges? Changes { get; init; }

    /// <summary>Number of contexts: tasks, then one per interrupt and CPU.</summary>
    public int Contexts { get; }

    /// <summary>current->state of a task.</summary>
    public TaskState State(int context) => (TaskState)Word(context, StateWord);

    /// <summary>
    /// What a running interrupt handler has interrupted: a context, or -1 for an idle CPU. A task has interrupted
    /// nothing.
    /// </summary>
    public int Interrupted(int context) => context < Count ? -1 : Word(context, StateWord) - 1;

    /// <summary>Where a context is in its life.</summary>
    public ContextStatus Status(int context) => (ContextStatus)Word(context, StatusWord);

    /// <summary>The kind of the operation that a context stands in front of.</summary>
    public OperationKind Operation(int context) => (OperationKind)(Word(context, OperationWord) >>> TargetBits);

    /// <summary>What that operation is about: the address of a lock, queue or word, or a page.</summary>
    public int Target(int context) => Word(context, OperationWord) & TargetMask;

    /// <summary>The operation that a context stands in front of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operation Pending(int context) =>
        PendingOf(_memory.Span((context << Shift) + OperationWord, OperationWords));

    /// <summary>preempt_count of a context.</summary>
    public int PreemptCount(int context) => Word(context, PreemptCountWord);

    /// <summary>The depth of preempt_disable() of everybody on a CPU.</summary>
    internal int PreemptDepthOn(int cpu)
    {
        int depth = 0;
        for (int context = 0; context < Contexts; context++)
            depth += Cpu(context) == cpu ? Kernel.Rules.PreemptCount.DepthOf(PreemptCount(context)) : 0;

        return depth;
    }

    /// <summary>The CPU that a context is on, -1 if on none.</summary>
    public int Cpu(int context) => Word(context, CpuWord) - 1;

    /// <summary>The number of wait queues that a task is on.</summary>
    public int Queues(int context) => Word(context, HeldWord) & (OneLock - 1);

    /// <summary>The number of spin locks that a context holds.</summary>
    public int Locks(int context) => (Word(context, HeldWord) & (OneInnerLock - 1)) / OneLock;

    /// <summary>The number of those that are inner ones (<see cref="Kernel.LockRank.Inner"/>).</summary>
    internal int InnerLocks(int context) => Word(context, HeldWord) / OneInnerLock;

    internal void SetState(int context, TaskState state) => Set(context, StateWord, (int)state);

    internal void SetStatus(int context, ContextStatus status)
    {
        Set(context, StatusWord, (int)status);
        Changes?.Add(context);
    }

    /// <summary>A handler has no state of its own, so the word tells what it runs on top of.</summary>
    internal void SetInterrupted(int context, int interrupted) => Set(context, StateWord, interrupted + 1);

    internal void SetPreemptCount(int context, int count) => Set(context, PreemptCountWord, count);

    internal void SetCpu(int context, int cpu) => Set(context, CpuWord, cpu + 1);

    internal void AddPreemptCount(int context, int delta) => Word(context, PreemptCountWord) += delta;

    /// <summary>The address of a context's status.</summary>
    internal static int StatusAddress(int context) => (context << Shift) + StatusWord;

    /// <summary>The addresses of what <see cref="PendingIn"/> reads.</summary>
    internal static Range PendingAddresses(int context)
    {
        int start = (context << Shift) + OperationWord;
        return start..(start + OperationWords);
    }

    /// <summary>The operation that a context stands in front of in some memory.</summary>
    internal static Operation PendingIn(ReadOnlySpan<int> memory, int context) =>
        PendingOf(memory[PendingAddresses(context)]);

    /// <summary>What the row of a context in some memory says of it that names nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (int State, int Status, int Kind, int PreemptCount, int Locks) SituationIn(
        ReadOnlySpan<int> memory, int context)
    {
        ReadOnlySpan<int> row = memory.Slice(context << Shift, Stride);
        int locks = (row[HeldWord] & (OneInnerLock - 1)) / OneLock;
        return (row[StateWord], row[StatusWord], row[OperationWord] >>> TargetBits, row[PreemptCountWord], locks);
    }

    /// <summary>The address of a context's state.</summary>
    internal static int StateAddress(int context) => (context << Shift) + StateWord;

    /// <summary>The address of the word that says on which CPU a context is.</summary>
    internal static int CpuAddress(int context) => (context << Shift) + CpuWord;

    /// <summary>A handler that has ended is as if it had never run.</summary>
    internal void Clear(int context)
    {
        _memory.Clear(context << Shift, Stride);
        Changes?.Add(context);
    }

    /// <summary>
    /// Nobody asks a finished task for its locks and queues; what it still has is the detectors' business.
    /// </summary>
    internal void ForgetHeld(int context) => Set(context, HeldWord, 0);

    internal void AddQueues(int context, int delta) => Word(context, HeldWord) += delta;

    /// <summary>
    /// How many locks a context holds if it cannot hold another one; 0 if it can. Less than none, where locks are not
    /// checked, is not too many.
    /// </summary>
    internal int MostLocks(int context, bool isInner)
    {
        int held = Word(context, HeldWord);
        if (isInner && held / OneInnerLock == InnerLocksMax)
            return InnerLocksMax;

        const int Most = LocksMax * OneLock;
        return held >= Most && (held & Most) == Most ? LocksMax : 0;
    }

    internal void AddLocks(int context, int delta, bool isInner) =>
        Word(context, HeldWord) += delta * (isInner ? OneLock + OneInnerLock : OneLock);

    /// <summary>
    /// The words that move when a context gets another number. CPUs go with their tasks, so the number of the CPU stays
    /// where it is.
    /// </summary>
    internal static void AddMoves(List<int> moves, int context, int renamed)
    {
        for (int word = 0; word < Stride; word++)
        {
            if (context == renamed || word == CpuWord)
                continue;

            moves.Add((context << Shift) + word);
            moves.Add((renamed << Shift) + word);
        }
    }

    /// <summary>Renames the page frames in the arguments of pending operations.</summary>
    internal static void RenameArguments(int[] memory, int contexts, ReadOnlySpan<int> pages)
    {
        for (int context = 0; context < contexts; context++)
        {
            Span<int> words = memory.AsSpan(context << Shift, Stride);
            OperationRow row = OperationTable.Of((OperationKind)(words[OperationWord] >>> TargetBits));
            Rename(ref words[ArgumentWord], row.Argument, pages);
            Rename(ref words[SecondArgumentWord], row.Second, pages);
        }
    }

    private static void Rename(ref int operand, OperandSort sort, ReadOnlySpan<int> pages)
    {
        if (sort == OperandSort.Number)
            return;

        int offset = sort == OperandSort.Mark ? 1 : 0;
        if ((uint)(operand - offset) < (uint)pages.Length)
            operand = pages[operand - offset] + offset;
    }

    /// <summary>
    /// Renames the words that pending operations are about: <paramref name="moves"/> has from, to, from, to ... Of
    /// words that are not among <paramref name="canMove"/> it has none.
    /// </summary>
    internal static void RenameTargets(
        int[] memory,
        int contexts,
        ReadOnlySpan<int> moves,
        ReadOnlySpan<bool> canMove
    )
    {
        for (int context = 0; context < contexts; context++)
        {
            ref int operation = ref memory[(context << Shift) + OperationWord];
            if (OperationTable.Of((OperationKind)(operation >>> TargetBits)).Target != OperationTarget.Word)
                continue;

            int target = operation & TargetMask;
            if (target >= canMove.Length || !canMove[target])
                continue;

            for (int i = 0; i < moves.Length; i += 2)
            {
                if (moves[i] != target)
                    continue;

                operation = (operation & ~TargetMask) | moves[i + 1];
                break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Announce(int context, Operation operation)
    {
        Span<int> words = _memory.Overwrite((context << Shift) + OperationWord, OperationWords);
        words[SecondArgumentWord - OperationWord] = operation.Second;
        words[ArgumentWord - OperationWord] = operation.Argument;
        words[0] = ((int)operation.Kind << TargetBits) | operation.Target;
        Changes?.Add(context);
    }

    /// <summary>What says whether a context can go on, looked up at once, for the hottest loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (ContextStatus Status, OperationKind Kind, int Target) ReadinessOf(ref int row)
    {
        int operation = Unsafe.Add(ref row, OperationWord);
        return (
            (ContextStatus)Unsafe.Add(ref row, StatusWord),
            (OperationKind)(operation >>> TargetBits),
            operation & TargetMask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Operation PendingOf(ReadOnlySpan<int> words) => new(
        (OperationKind)(words[0] >>> TargetBits),
        words[0] & TargetMask,
        words[ArgumentWord - OperationWord],
        words[SecondArgumentWord - OperationWord]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int Word(int context, int word) => ref _memory[(context << Shift) + word];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(int context, int word, int value) => _memory.Set((context << Shift) + word, value);
}

/// <summary>Where a context is in its life.</summary>
public enum ContextStatus
{
    /// <summary>An interrupt handler that is not running.</summary>
    Idle,

    /// <summary>On a run queue or a CPU.</summary>
    Runnable,

    /// <summary>Off the run queue, until somebody wakes it.</summary>
    Asleep,

    /// <summary>Has returned.</summary>
    Finished,

    /// <summary>Has hit a BUG, and keeps what it held.</summary>
    Dead,
}
