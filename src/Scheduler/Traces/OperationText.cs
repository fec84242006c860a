using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Traces;

/// <summary>Operations as kernel people write them, under the names of one machine.</summary>
public static class OperationText
{
    /// <summary>What a context is about to do: spin_lock(kmap_lock).</summary>
    public static string Describe(Machine machine, int context)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return Describe(machine, Announced(machine, context));
    }

    /// <summary>What a context is about to do.</summary>
    internal static Operation Announced(Machine machine, int context)
    {
        Operation pending = machine.Tasks.Pending(context);
        return pending.Kind == OperationKind.Schedule
            ? pending with { Argument = machine.Tasks.State(context) == TaskState.Running ? 0 : 1 }
            : pending;
    }

    /// <summary>What an operation does.</summary>
    internal static string Describe(Machine machine, Operation operation) =>
        OperationTable.Of(operation.Kind).Text(operation, new Names(machine));

    /// <summary>What an operation has yielded, in words; empty if that is nothing, or said already.</summary>
    internal static string Result(Machine machine, in PerformedOperation performed) =>
        OperationTable.Of(performed.Kind).Outcome is { } outcome
            ? outcome(performed.Operation, (int)performed.Result, new Names(machine))
            : "";

    /// <summary>What a transition that is no step of a context does.</summary>
    public static string Describe(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Choose when machine.IsBeforeRound(transition.Subject) =>
            transition.Argument == 0 ? "has done its last round" : "begins another round",
        TransitionKind.Choose =>
            $"chooses {transition.Argument} of 0..{machine.Tasks.Pending(transition.Subject).Argument - 1}",
        TransitionKind.Dispatch => $"is dispatched to CPU {transition.Subject}",
        TransitionKind.Preempt => $"is preempted on CPU {transition.Subject}",
        TransitionKind.Interrupt =>
            $"{machine.Image.Interrupts[transition.Argument].Name} interrupts CPU {transition.Subject}",
        TransitionKind.Acknowledge when machine.Cpus.Shootdown(transition.Subject) == ShootdownAnswer.Flush =>
            $"CPU {transition.Subject} takes the TLB shootdown and flushes",
        TransitionKind.Acknowledge => $"CPU {transition.Subject} says that it has finished the TLB shootdown",
        _ => $"step of context {transition.Subject}",
    };

    private sealed class Names(Machine machine) : IOperationNames
    {
        public string Word(int address) => machine.Image.NameOf(address);

        public string Value(int address, int value) => WordText.Of(machine, address, value);

        public string Present(int address) => WordText.Of(machine, address, machine.Memory[address]);

        public string Contents(int value) => WordText.Of(machine, machine.Image.Mmu.FrameBase, value);

        public string Place(int place) => place < machine.Mmu.Pages
            ? machine.Mmu.AddressOf(place).ToString()
            : MmuTable.LowAddress(new PageFrame(place - machine.Mmu.Pages)).ToString();
    }
}
