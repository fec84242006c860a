using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>What may not sleep, and what must be given back before the end.</summary>
public sealed class AtomicContextTests
{
    private static readonly MachineOptions s_preempt = new();

    [Fact]
    public void A_task_may_sleep() => Assert.Equal("nothing", Finding(Sleep));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nobody_may_sleep_under_a_spin_lock_even_where_the_kernel_would_not_notice(bool preempt) => Assert.Equal(
        "sleep-in-atomic",
        Finding(
            async machine =>
            {
                await machine.Lock.Acquire();
                machine.Kernel.MightSleep();
                await machine.Lock.Release();
            },
            s_preempt with { Preempt = preempt }));

    [Fact]
    public void Nobody_may_sleep_with_interrupts_off() => Assert.Equal("sleep-in-atomic", Finding(async machine =>
    {
        bool wereOff = machine.Kernel.SetIrqsDisabled(true);
        machine.Kernel.MightSleep();
        machine.Kernel.SetIrqsDisabled(wereOff);
        await machine.Window();
    }));

    [Fact]
    public void Nobody_may_call_schedule_with_preempt_count_raised() =>
        Assert.Equal(
            "sleep-in-atomic",
            Finding(async machine =>
            {
                machine.Kernel.AddPreemptCount(1);
                await machine.Kernel.Schedule();
                machine.Kernel.AddPreemptCount(-1);
            }));

    [Fact]
    public void An_interrupt_must_not_sleep_and_the_report_says_that_it_is_one()
    {
        Machine machine = new InterruptedMachine(s_preempt, [Window], [(InterruptKind.Soft, Sleep)]).Image.Started();

        machine.Perform(Transition.Interrupt(0, 0));

        machine.Finding.AssertFound(
            FailureClass.SleepInAtomic,
            "irq 0 on CPU 0 comes to might_sleep()",
            "it is a soft interrupt",
            "00000100");
    }

    [Fact]
    public void An_interrupt_must_not_join_a_wait_queue()
    {
        Machine machine = new InterruptedMachine(
            s_preempt,
            [Window],
            [(InterruptKind.Hard, async machine => await machine.Queue.Add())]
        ).Image.Started();
        machine.Perform(Transition.Interrupt(0, 0));
        machine.Step(1);

        machine.Finding.AssertFound(FailureClass.SleepInAtomic, "irq 0 on CPU 0 joins queue");
    }

    [Fact]
    public void A_task_must_give_back_preempt_count() =>
        Assert.Equal("leak", Finding(async machine =>
        {
            await machine.Window();
            machine.Kernel.AddPreemptCount(1);
        }));

    [Fact]
    public void A_task_must_switch_interrupts_on_again() =>
        Assert.Equal("leak", Finding(async machine =>
        {
            await machine.Window();
            machine.Kernel.SetIrqsDisabled(true);
        }));

    [Fact]
    public void A_task_must_release_its_locks_and_the_report_names_the_lock()
    {
        Machine machine = new InterruptedMachine(
            s_preempt,
            [async machine => await machine.Other.Acquire()],
            []
        ).Image.Started();

        machine.RunToEnd();

        machine.Finding.AssertFound(FailureClass.Leak, "task 0 ends and still holds other_lock");
    }

    [Fact]
    public void A_handler_must_end_with_the_preempt_count_that_it_began_with()
    {
        Machine machine = new InterruptedMachine(
            s_preempt,
            [Window],
            [
                (InterruptKind.Hard, async machine =>
                {
                    await machine.Window();
                    machine.Kernel.AddPreemptCount(1);
                }),
            ]).Image.Started();
        machine.Perform(Transition.Interrupt(0, 0));
        machine.Step(1);

        machine.Finding.AssertFound(
            FailureClass.Leak,
            "irq 0 on CPU 0 ends with preempt_count 00010001, and began with 00010000");
    }

    private static async KernelTask Sleep(InterruptedMachine machine)
    {
        machine.Kernel.MightSleep();
        await machine.Window();
    }

    private static async KernelTask Window(InterruptedMachine machine) => await machine.Window();

    private static string Finding(Func<InterruptedMachine, KernelTask> task, MachineOptions? options = null) =>
        new InterruptedMachine(options ?? s_preempt, [task], []).Image.Started().RunToEnd().Finding?.Class.Name()
        ?? "nothing";
}
