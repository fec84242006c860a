using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>
/// spin_lock and its variants beside interrupts (kernel/spinlock.c): while one spins, while one holds, and what is
/// misuse.
/// </summary>
public sealed class IrqLockTests
{
    private static readonly MachineOptions s_preempt = new();
    private static readonly MachineOptions s_noPreempt = new() { Preempt = false };

    [Theory]
    [InlineData(LockContext.IrqSave, true, true)]
    [InlineData(LockContext.IrqSave, false, true)]
    [InlineData(LockContext.Irq, true, true)]
    [InlineData(LockContext.Irq, false, false)]
    public void Who_spins_takes_interrupts_as_the_variant_and_the_build_say(
        LockContext context,
        bool preempt,
        bool takes)
    {
        Machine machine = new InterruptedMachine(
            preempt ? s_preempt : s_noPreempt,
            [Hold, machine => Take(machine, context)],
            [(InterruptKind.Hard, Nothing)]).Image.Started();
        machine.Step(0);
        if (machine.IsEnabled(1))
            machine.Step(1); // It arms itself: interrupts go off, and it spins.

        Assert.False(machine.IsEnabled(1));
        Assert.Equal(takes, machine.Enabled().Contains(Transition.Interrupt(1, 0)));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Without_preemption_spin_lock_bh_spins_with_bottom_halves_off(bool preempt, bool takes)
    {
        Machine machine = new InterruptedMachine(
            preempt ? s_preempt : s_noPreempt,
            [Hold, machine => Take(machine, LockContext.BottomHalf)],
            [(InterruptKind.Soft, Nothing)]).Image.Started();
        machine.Step(0);
        if (machine.IsEnabled(1))
            machine.Step(1);

        Assert.Equal(takes, machine.Enabled().Contains(Transition.Interrupt(1, 0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Irqrestore_leaves_interrupts_as_they_were(bool wereOff)
    {
        Machine machine = new InterruptedMachine(
            s_noPreempt,
            [
                async machine =>
                {
                    machine.Kernel.SetIrqsDisabled(wereOff);
                    int flags = await machine.Lock.AcquireIrqSave();
                    await machine.Lock.ReleaseIrqRestore(flags);
                    await machine.Window();
                    machine.Kernel.SetIrqsDisabled(false);
                },
            ],
            [(InterruptKind.Hard, Nothing)]).Image.Started();

        machine.Step(0);
        Assert.True(machine.Cpus.IrqsDisabled(0));
        machine.Step(0);
        Assert.Equal(wereOff, machine.Cpus.IrqsDisabled(0));
    }

    [Fact]
    public void Spin_unlock_irq_switches_interrupts_on_whatever_they_were() => Assert.Equal(
        ["Ha", "aH"],
        new InterruptedMachine(
            s_preempt,
            [
                async machine =>
                {
                    machine.Kernel.SetIrqsDisabled(true);
                    await machine.Lock.AcquireIrq();
                    await machine.Lock.ReleaseIrq(); // Too early: the caller had them off.
                    await machine.Window();
                    machine.Log('a');
                },
            ],
            [(InterruptKind.Hard, LogH)]).Logs());

    [Fact]
    public void A_handler_that_takes_the_lock_of_whom_it_interrupts_deadlocks_and_is_told_so()
    {
        Machine machine = new InterruptedMachine(s_preempt, [Hold], [(InterruptKind.Hard, Hold)]).Image.Started();
        machine.Step(0);

        machine.Perform(Transition.Interrupt(0, 0));

        machine.Finding.AssertFound(
            FailureClass.LockMisuse,
            "irq 0 on CPU 0 takes lock, which task 0 holds, whom it has interrupted");
    }

    [Fact]
    public void A_lock_used_in_an_interrupt_and_elsewhere_with_interrupts_on_is_misuse_even_if_they_never_meet()
    {
        Machine machine = new InterruptedMachine(s_preempt, [Hold], [(InterruptKind.Hard, Hold)]).Image.Started();
        machine.Perform(Transition.Interrupt(0, 0));
        machine.RunAlone(1);

        machine.RunAlone(0);

        machine.Finding.AssertFound(FailureClass.LockMisuse, "lock is taken in hard interrupts");
    }

    [Theory]
    [InlineData(InterruptKind.Hard, LockContext.IrqSave, false)]
    [InlineData(InterruptKind.Hard, LockContext.BottomHalf, true)]
    [InlineData(InterruptKind.Soft, LockContext.BottomHalf, false)]
    [InlineData(InterruptKind.Soft, LockContext.Plain, true)]
    public void A_lock_is_safe_if_its_holders_keep_those_interrupts_out_that_take_it(
        InterruptKind kind,
        LockContext context,
        bool isMisuse)
    {
        string[] findings = EveryExecution.Findings(new InterruptedMachine(
            s_preempt,
            [machine => Take(machine, context)],
            [(kind, Hold)]).Image);

        Assert.Equal(isMisuse ? ["lock-misuse"] : ["nothing"], findings);
    }

    private static async KernelTask Hold(InterruptedMachine machine)
    {
        await machine.Lock.Acquire();
        await machine.Lock.Release();
    }

    private static async KernelTask Take(InterruptedMachine machine, LockContext context)
    {
        int flags = await machine.Kernel.Acquire(machine.Lock.Number, context);
        await machine.Kernel.Release(machine.Lock.Number, context, flags);
    }

    private static async KernelTask Nothing(InterruptedMachine machine) => await machine.Window();

    private static async KernelTask LogH(InterruptedMachine machine)
    {
        await machine.Window();
        machine.Log('H');
    }
}
