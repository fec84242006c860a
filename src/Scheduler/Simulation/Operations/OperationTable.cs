using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>
/// All kinds of operations, one row each: texts, conflicts, fingerprints, renaming and reports are made from it.
/// </summary>
/// <remarks>
/// A new kind is a row here, a value of <see cref="OperationKind"/>, and a case of OperationPerformer.
/// </remarks>
public static class OperationTable
{
    /// <summary>
    /// The second argument of a <see cref="OperationKind.Choose"/> by which a task begins another round, or ends.
    /// </summary>
    internal const int ChoiceOfRound = 1;

    private static readonly OperationRow[] s_rows = ByKind(
    [
        new(OperationKind.None, (_, _) => "None"),
        new(OperationKind.Acquire, (o, names) => $"spin_lock{Suffix(o.Argument)}({names.Word(o.Target)})")
        {
            Target = OperationTarget.SpinLock,
            Effect = OperationEffect.Writes,
            Waits = WaitCondition.Free,
            IsRightMover = true,
        },
        new(OperationKind.Release, (o, names) => $"spin_unlock{SuffixOfRelease(o.Argument)}({names.Word(o.Target)})")
        {
            Target = OperationTarget.SpinLock,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.TryAcquire, (o, names) => $"spin_trylock({names.Word(o.Target)})")
        {
            Target = OperationTarget.SpinLock,
            Effect = OperationEffect.WritesIfFree,
            Outcome = (_, result, _) => Success(result != 0),
        },
        new(OperationKind.SetState, (o, _) => $"state = {StateName((TaskState)o.Argument)}")
        {
            Target = OperationTarget.OwnState,
            Effect = OperationEffect.Writes,
        },
        new(
            OperationKind.Enqueue,
            (o, names) => $"add_wait_queue{(o.Argument != 0 ? "_exclusive" : "")}({names.Word(o.Target)})")
        {
            Target = OperationTarget.WaitQueue,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.Dequeue, (o, names) => $"remove_wait_queue({names.Word(o.Target)})")
        {
            Target = OperationTarget.WaitQueue,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.QueueTest, (o, names) => $"waitqueue_active({names.Word(o.Target)})")
        {
            Target = OperationTarget.WaitQueue,
            Effect = OperationEffect.Reads,
            Outcome = (_, result, _) => result != 0 ? "true" : "false",
        },
        new(OperationKind.WakeUp, (o, names) => $"wake_up({names.Word(o.Target)})")
        {
            Target = OperationTarget.WaitQueue,
            Effect = OperationEffect.Wakes,
        },
        new(OperationKind.Schedule, (o, _) => o.Argument != 0 ? "schedule(): sleeps" : "schedule(): runs on")
        {
            Target = OperationTarget.OwnState,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.Resume, (_, _) => "comes back from schedule()")
        {
            Target = OperationTarget.OwnState,
            Effect = OperationEffect.Writes,
            Waits = WaitCondition.Woken,
            IsRightMover = true,
        },
        new(OperationKind.FlushTlbAll, (_, _) => "flush_tlb_all()")
        {
            Target = OperationTarget.Tlbs,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.Load, (o, names) => $"reads {names.Place(o.Target)}")
        {
            Target = OperationTarget.Place,
            Effect = OperationEffect.Reads,
            Argument = OperandSort.Frame,
            Outcome = (_, result, names) => names.Contents(result),
        },
        new(OperationKind.Store, (o, names) => $"writes {names.Place(o.Target)}")
        {
            Target = OperationTarget.Place,
            Effect = OperationEffect.Writes,
            Argument = OperandSort.Frame,
            Second = OperandSort.Mark,
        },
        new(OperationKind.ReadOnce, (o, names) => $"reads {names.Word(o.Target)}")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Reads,
            Outcome = (o, result, names) => names.Value(o.Target, result),
        },
        new(
            OperationKind.WriteOnce,
            (o, names) => $"writes {names.Word(o.Target)} = {names.Value(o.Target, o.Argument)}")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Writes,
        },
        new(OperationKind.FetchAdd, (o, names) => $"adds {o.Argument} to {names.Word(o.Target)}")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Writes,
            Outcome = (o, result, names) => $"it was {names.Value(o.Target, result)}",
        },
        new(OperationKind.CompareExchange, CompareExchange)
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.WritesIfExpected,
            Outcome = (o, result, names) => result != 0 ? Success(true) : $"fails, it is {names.Present(o.Target)}",
        },
        new(OperationKind.CompareExchangeOld, CompareExchange)
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.WritesIfExpected,
            Outcome = (o, result, names) =>
                result == o.Argument ? Success(true) : $"fails, it is {names.Value(o.Target, result)}",
        },
        new(OperationKind.Exchange, (o, names) => $"xchg({names.Word(o.Target)}, {names.Value(o.Target, o.Argument)})")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Writes,
            Outcome = (o, result, names) => $"it was {names.Value(o.Target, result)}",
        },
        new(
            OperationKind.Await,
            (o, names) => $"has waited for {Awaited(o, names)}")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Reads,
            Waits = WaitCondition.Compares,
        },
        new(
            OperationKind.AwaitAdd,
            (o, names) => $"has waited for {Awaited(o, names)} and adds {AwaitArgument.DeltaOf(o.Second)}")
        {
            Target = OperationTarget.Word,
            Effect = OperationEffect.Writes,
            Waits = WaitCondition.Compares,
            Outcome = (o, result, names) => $"it was {names.Value(o.Target, result)}",
        },
        new(OperationKind.InterruptWindow, (_, _) => "interrupts may come"),
        new(OperationKind.PreemptCheck, (_, _) => "preempt_check_resched()"),
        new(
            OperationKind.Choose,
            (o, _) => o.Second == ChoiceOfRound ? "chooses whether to go on" : $"chooses one of 0..{o.Argument - 1}"),
        new(
            OperationKind.ArmLock,
            (o, names) => $"{Arming(o.Argument)}() of spin_lock{Suffix(o.Argument)}({names.Word(o.Target)})")
        {
            Target = OperationTarget.SpinLock,
        },
        new(OperationKind.SendShootdown, (_, _) => "flush_tlb_all(): sends the interrupt to all other CPUs")
        {
            Target = OperationTarget.Tlbs,
            Effect = OperationEffect.Writes,
            Waits = WaitCondition.Free,
        },
        new(OperationKind.AwaitShootdown, (_, _) => "flush_tlb_all(): all CPUs have answered")
        {
            Target = OperationTarget.Tlbs,
            Effect = OperationEffect.Writes,
            Waits = WaitCondition.Answered,
        },
    ]);

    private static readonly uint s_rightMovers =
        s_rows.Where(row => row.IsRightMover).Aggregate(0u, (kinds, row) => kinds | (1u << (int)row.Kind));

    /// <summary>All rows, by kind.</summary>
    public static IReadOnlyList<OperationRow> Rows => s_rows;

    /// <summary>The row of a kind.</summary>
    public static OperationRow Of(OperationKind kind) => s_rows[(int)kind];

    /// <summary><see cref="OperationRow.IsRightMover"/>, for the hottest loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsRightMover(OperationKind kind) => ((s_rightMovers >> (int)kind) & 1) != 0;

    private static OperationRow[] ByKind(ReadOnlySpan<OperationRow> rows)
    {
        var byKind = new OperationRow[Enum.GetValues<OperationKind>().Length];
        foreach (OperationRow row in rows)
            byKind[(int)row.Kind] = row;

        return byKind;
    }

    private static string Awaited(Operation o, IOperationNames names) =>
        $"{names.Word(o.Target)} {AwaitArgument.ComparisonOf(o).Sign()} {names.Value(o.Target, o.Argument)}";

    private static string CompareExchange(Operation o, IOperationNames names) =>
        $"cmpxchg({names.Word(o.Target)}, {names.Value(o.Target, o.Argument)}, {names.Value(o.Target, o.Second)})";

    private static string Success(bool succeeds) => succeeds ? "succeeds" : "fails";

    private static string Arming(int lockContext) =>
        (LockContext)lockContext == LockContext.Irq ? "local_irq_disable" : "local_bh_disable";

    private static string Suffix(int lockContext) => (LockContext)lockContext switch
    {
        LockContext.Irq => "_irq",
        LockContext.IrqSave => "_irqsave",
        LockContext.BottomHalf => "_bh",
        _ => "",
    };

    // The kernel's name for it has another ending than that of the lock.
    private static string SuffixOfRelease(int lockContext) =>
        (LockContext)lockContext == LockContext.IrqSave ? "_irqrestore" : Suffix(lockContext);

    private static string StateName(TaskState state) => state switch
    {
        TaskState.Running => "TASK_RUNNING",
        TaskState.Interruptible => "TASK_INTERRUPTIBLE",
        _ => "TASK_UNINTERRUPTIBLE",
    };
}
