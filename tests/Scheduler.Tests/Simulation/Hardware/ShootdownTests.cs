using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>flush_tlb_all() by interprocessor interrupts (arch/i386/kernel/smp.c).</summary>
public sealed class ShootdownTests
{
    private static readonly MachineOptions s_shootdown = new() { Shootdown = true };
    private static readonly MachineOptions s_withoutPreempt = new() { Shootdown = true, Preempt = false };

    [Fact]
    public void The_sender_goes_on_only_when_every_other_CPU_has_answered()
    {
        Machine machine = new InterruptedMachine(s_shootdown, [Flush, Idle, Idle], []).Image.Started();
        machine.Step(0);

        Assert.False(machine.IsEnabled(0));
        machine.Perform(Transition.Acknowledge(2));
        Assert.False(machine.IsEnabled(0));
        machine.Perform(Transition.Acknowledge(1));
        Assert.True(machine.IsEnabled(0));
        Assert.DoesNotContain(Transition.Acknowledge(1), machine.Enabled().ToArray());
        machine.RunToEnd();
        Assert.Null(machine.Finding);
    }

    [Fact]
    public void A_CPU_with_interrupts_off_does_not_answer_until_they_are_on()
    {
        Machine machine = new InterruptedMachine(
            s_shootdown,
            [
                Flush,
                async machine =>
                {
                    machine.Kernel.SetIrqsDisabled(true);
                    await machine.Kernel.Await(machine.Lock.Number, 0);
                    machine.Kernel.SetIrqsDisabled(false);
                },
            ],
            []).Image.Started();
        machine.Step(0);

        Assert.DoesNotContain(Transition.Acknowledge(1), machine.Enabled().ToArray());
        machine.Step(1);
        Assert.Contains(Transition.Acknowledge(1), machine.Enabled().ToArray());
    }

    [Fact]
    public void Two_senders_wait_for_each_other_only_for_the_call_lock()
    {
        string[] findings = EveryExecution.Findings(new InterruptedMachine(s_shootdown, [Flush, Flush], []).Image);

        Assert.Equal(["nothing"], findings);
    }

    [Fact]
    public void Two_senders_with_interrupts_off_deadlock_and_the_report_says_why()
    {
        Machine machine = new InterruptedMachine(s_shootdown, [FlushWithIrqsOff, FlushWithIrqsOff], []).Image.Started();
        machine.Step(0);

        machine.RunToEnd();

        machine.Finding.AssertFound(
            FailureClass.Deadlock,
            "task 0 waits until CPU 1 answers its TLB shootdown",
            "task 1 spins for call_lock, held by task 0 (interrupts are off on CPU 1)");
    }

    [Theory]
    [InlineData(true, "nothing")]
    [InlineData(false, "deadlock")]
    public void A_flush_under_a_lock_that_others_spin_for_with_interrupts_off_deadlocks(bool preempt, string worst)
    {
        string[] findings = EveryExecution.Findings(
            new InterruptedMachine(preempt ? s_shootdown : s_withoutPreempt, [FlushUnderLock, FlushUnderLock], []).Image
        );

        Assert.Equal(worst, findings[0]);
    }

    [Fact]
    public void A_soft_interrupt_runs_before_the_receiver_says_that_it_has_finished()
    {
        Machine machine = new InterruptedMachine(
            s_shootdown,
            [Flush, Idle],
            [(InterruptKind.Soft, async machine => await machine.Window())]).Image.Started();
        machine.Step(0);
        machine.Perform(Transition.Acknowledge(1));

        Assert.Equal(ShootdownAnswer.Finish, machine.Cpus.Shootdown(1));
        Assert.False(machine.IsEnabled(1));
        machine.Perform(Transition.Interrupt(1, 0));
        Assert.DoesNotContain(Transition.Acknowledge(1), machine.Enabled().ToArray());
        machine.Step(3); // The handler on CPU 1.
        Assert.False(machine.IsEnabled(0));
        machine.Perform(Transition.Acknowledge(1));
        Assert.True(machine.IsEnabled(0));
        Assert.True(machine.IsEnabled(1));
    }

    [Fact]
    public void A_soft_interrupt_that_spins_for_the_senders_lock_deadlocks_although_the_interrupt_was_taken()
    {
        string[] findings = EveryExecution.Findings(new InterruptedMachine(
            s_shootdown,
            [
                async machine =>
                {
                    await machine.Lock.AcquireBh();
                    await machine.Kernel.FlushTlbAll();
                    await machine.Lock.ReleaseBh();
                },
                Idle,
            ],
            [
                (InterruptKind.Soft, async machine =>
                {
                    await machine.Lock.Acquire();
                    await machine.Lock.Release();
                }),
            ]).Image);

        Assert.Contains("deadlock", findings);
    }

    [Fact]
    public void On_one_CPU_a_flush_is_local_and_waits_for_nobody() => Assert.Equal(
        ["nothing"],
        EveryExecution.Findings(new InterruptedMachine(s_shootdown, [FlushWithIrqsOff], []).Image));

    private static async KernelTask Flush(InterruptedMachine machine) => await machine.Kernel.FlushTlbAll();

    private static async KernelTask FlushWithIrqsOff(InterruptedMachine machine)
    {
        machine.Kernel.SetIrqsDisabled(true);
        await machine.Kernel.FlushTlbAll();
        machine.Kernel.SetIrqsDisabled(false);
    }

    private static async KernelTask FlushUnderLock(InterruptedMachine machine)
    {
        await machine.Lock.AcquireIrq();
        machine.Kernel.SetIrqsDisabled(false); // The holder itself may answer others.
        await machine.Kernel.FlushTlbAll();
        await machine.Lock.ReleaseIrq();
    }

    private static async KernelTask Idle(InterruptedMachine machine)
    {
        await machine.Kernel.Await(machine.Other.Number, 0);
        await machine.Kernel.Await(machine.Other.Number, 0);
    }
}
