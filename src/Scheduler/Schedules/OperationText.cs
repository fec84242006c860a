using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Operations as kernel people write them.</summary>
public static class OperationText
{
    /// <summary>What a context is about to do: spin_lock(kmap_lock).</summary>
    public static string Describe(Machine machine, int context)
    {
        ArgumentNullException.ThrowIfNull(machine);
        TaskTable tasks = machine.Tasks;
        return tasks.Operation(context) switch
        {
            OperationKind.Schedule => tasks.State(context) == TaskState.Running ? "schedule(): runs on" : "schedule(): sleeps",
            OperationKind.Choose => machine.IsBeforeRound(context) ? "chooses whether to go on" : $"chooses one of 0..{tasks.Argument(context) - 1}",
            var kind => Describe(machine, context, new PerformedOperation(kind, tasks.Target(context), tasks.Argument(context), tasks.SecondArgument(context))),
        };
    }

    /// <summary>What a context has done.</summary>
    internal static string Describe(Machine machine, int context, in PerformedOperation operation)
    {
        int target = operation.Target;
        int argument = operation.Argument;
        return operation.Kind switch
        {
            OperationKind.Acquire => $"spin_lock{Suffix(argument)}({machine.Image.NameOf(target)})",
            OperationKind.TryAcquire => $"spin_trylock({machine.Image.NameOf(target)})",
            OperationKind.Release => $"spin_unlock{SuffixOfRelease(argument)}({machine.Image.NameOf(target)})",
            OperationKind.SetState => $"state = {StateName((TaskState)argument)}",
            OperationKind.Enqueue => $"add_wait_queue{(argument != 0 ? "_exclusive" : "")}({QueueName(machine, target)})",
            OperationKind.Dequeue => $"remove_wait_queue({QueueName(machine, target)})",
            OperationKind.QueueTest => $"waitqueue_active({QueueName(machine, target)})",
            OperationKind.WakeUp => $"wake_up({QueueName(machine, target)})",
            OperationKind.Resume => "comes back from schedule()",
            OperationKind.FlushTlbAll => "flush_tlb_all()",
            OperationKind.Load => $"reads {AddressName(machine, target)}",
            OperationKind.Store => $"writes {AddressName(machine, target)}",
            OperationKind.ReadOnce => $"reads {machine.Image.NameOf(target)}",
            OperationKind.WriteOnce => $"writes {machine.Image.NameOf(target)} = {WordText.Of(machine, target, argument)}",
            OperationKind.FetchAdd => $"adds {argument} to {machine.Image.NameOf(target)}",
            OperationKind.CompareExchange or OperationKind.CompareExchangeOld =>
                $"cmpxchg({machine.Image.NameOf(target)}, {WordText.Of(machine, target, argument)}, {WordText.Of(machine, target, operation.Second)})",
            OperationKind.Exchange => $"xchg({machine.Image.NameOf(target)}, {WordText.Of(machine, target, argument)})",
            OperationKind.Await => $"has waited for {machine.Image.NameOf(target)} == {WordText.Of(machine, target, argument)}",
            OperationKind.InterruptWindow => "interrupts may come",
            OperationKind.PreemptCheck => "preempt_check_resched()",
            OperationKind.ArmLock => $"{(argument == (int)LockContext.Irq ? "local_irq_disable" : "local_bh_disable")}() of spin_lock{Suffix(argument)}({machine.Image.NameOf(target)})",
            OperationKind.SendShootdown => "flush_tlb_all(): sends the interrupt to all other CPUs",
            OperationKind.AwaitShootdown => "flush_tlb_all(): all CPUs have answered",
            var other => $"{other}",
        };
    }

    /// <summary>What an operation has yielded, in words; empty if that is nothing, or said already.</summary>
    internal static string Result(Machine machine, in PerformedOperation operation)
    {
        int target = operation.Target;
        int result = (int)operation.Result;
        return operation.Kind switch
        {
            OperationKind.TryAcquire => result != 0 ? "succeeds" : "fails",
            OperationKind.QueueTest => result != 0 ? "true" : "false",
            OperationKind.Load => WordText.Of(machine, machine.Image.Mmu.FrameBase, result),
            OperationKind.ReadOnce => WordText.Of(machine, target, result),
            OperationKind.FetchAdd => $"it was {WordText.Of(machine, target, result)}",
            OperationKind.CompareExchange => result != 0 ? "succeeds" : $"fails, it is {WordText.Of(machine, target, machine.Memory[target])}",
            OperationKind.CompareExchangeOld => result == operation.Argument ? "succeeds" : $"fails, it is {WordText.Of(machine, target, result)}",
            OperationKind.Exchange => $"it was {WordText.Of(machine, target, result)}",
            _ => "",
        };
    }

    /// <summary>What a transition that is no step of a context does.</summary>
    public static string Describe(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Choose when machine.IsBeforeRound(transition.Subject) => transition.Argument == 0 ? "has done its last round" : "begins another round",
        TransitionKind.Choose => $"chooses {transition.Argument} of 0..{machine.Tasks.Argument(transition.Subject) - 1}",
        TransitionKind.Dispatch => $"is dispatched to CPU {transition.Subject}",
        TransitionKind.Preempt => $"is preempted on CPU {transition.Subject}",
        TransitionKind.Interrupt => $"{machine.Image.Interrupts[transition.Argument].Name} interrupts CPU {transition.Subject}",
        TransitionKind.Acknowledge when machine.Cpus.Shootdown(transition.Subject) == ShootdownAnswer.Flush => $"CPU {transition.Subject} takes the TLB shootdown and flushes",
        TransitionKind.Acknowledge => $"CPU {transition.Subject} says that it has finished the TLB shootdown",
        _ => $"step of context {transition.Subject}",
    };

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

    private static string QueueName(Machine machine, int queue)
    {
        foreach ((string name, int address) in machine.Image.WaitQueues)
        {
            if (address == queue)
                return name;
        }

        return machine.Image.NameOf(queue);
    }

    private static string AddressName(Machine machine, int place) => place < machine.Mmu.Pages
        ? machine.Mmu.AddressOf(place).ToString()
        : MmuTable.LowAddress(new PageFrame(place - machine.Mmu.Pages)).ToString();
}
