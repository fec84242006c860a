using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>
/// Where interrupts fire, over all executions of programs of a few lines. Tasks log small letters, handlers capital
/// ones.
/// </summary>
public sealed class InterruptTests
{
    private static readonly MachineOptions s_plain = new();

    [Fact]
    public void A_hard_interrupt_comes_in_front_of_any_operation_and_after_the_last() =>
        Assert.Equal(["Hab", "aHb", "abH"], Logs(AThenB, (InterruptKind.Hard, H)));

    [Fact]
    public void No_interrupt_comes_while_interrupts_are_off() => Assert.Equal(["Hab", "abH"], Logs(
        async machine =>
        {
            await machine.Window();
            bool wereOff = machine.Kernel.SetIrqsDisabled(true);
            machine.Log('a');
            await machine.Window();
            machine.Log('b');
            machine.Kernel.SetIrqsDisabled(wereOff);
        },
        (InterruptKind.Hard, H)));

    [Fact]
    public void A_hard_handler_runs_with_interrupts_off_so_no_other_comes_before_it_ends() => Assert.Equal(
        ["HIJKa", "HIaJK", "JKHIa", "JKaHI", "aHIJK", "aJKHI"],
        Logs(A, (InterruptKind.Hard, Twice('H', 'I')), (InterruptKind.Hard, Twice('J', 'K'))));

    [Fact]
    public void A_soft_handler_is_interrupted_by_a_hard_one_but_not_by_a_soft_one()
    {
        string[] hardOnSoft = Logs(A, (InterruptKind.Soft, Twice('S', 'T')), (InterruptKind.Hard, H));
        string[] softOnSoft = Logs(A, (InterruptKind.Soft, Twice('S', 'T')), (InterruptKind.Soft, H));

        Assert.Contains("SHTa", hardOnSoft);
        Assert.DoesNotContain("SHTa", softOnSoft);
        Assert.Contains("STHa", softOnSoft);
    }

    [Fact]
    public void A_soft_interrupt_waits_until_bottom_halves_are_on_again() => Assert.Equal(["Hab", "abH"], Logs(
        async machine =>
        {
            await machine.Lock.AcquireBh();
            machine.Log('a');
            await machine.Window();
            machine.Log('b');
            await machine.Lock.ReleaseBh();
        },
        (InterruptKind.Soft, H)));

    [Fact]
    public void A_handler_that_switches_interrupts_on_can_be_interrupted() => Assert.Contains("HJIa", Logs(
        A,
        (InterruptKind.Hard, async machine =>
        {
            machine.Log('H');
            machine.Kernel.SetIrqsDisabled(false);
            await machine.Window();
            machine.Log('I');
        }
    ),
        (InterruptKind.Hard, Once('J'))));

    [Fact]
    public void An_interrupt_fires_as_often_as_it_may_and_no_more() =>
        Assert.Equal(
            ["HHa", "HaH", "aHH"],
            new InterruptedMachine(s_plain, [A], [(InterruptKind.Hard, H)], limit: 2).Logs());

    [Fact]
    public void An_interrupt_without_a_limit_stops_when_all_tasks_have_ended()
    {
        Machine machine = new InterruptedMachine(s_plain, [A], [(InterruptKind.Hard, H)], limit: 0).Image.Started();
        for (int fired = 0; fired < 10; fired++)
        {
            machine.Perform(Transition.Interrupt(0, 0));
            machine.Step(1);
        }

        machine.Step(0);

        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0));
        Assert.Empty(machine.Enabled().ToArray());
    }

    [Fact]
    public void A_handler_sees_the_preempt_count_of_whom_it_interrupts_and_its_own_bit()
    {
        var machine = new InterruptedMachine(
            s_plain,
            [UnderLock],
            [(InterruptKind.Soft, Count), (InterruptKind.Hard, Count)]
        ).Image.Started();
        machine.Perform(Transition.Step(0));

        machine.Perform(Transition.Interrupt(0, 0));
        Assert.Equal(0x101, machine.Tasks.PreemptCount(1));
        machine.Perform(Transition.Interrupt(0, 1));
        Assert.Equal(0x1_0101, machine.Tasks.PreemptCount(2));
        Assert.Equal(1, machine.Tasks.Interrupted(2));
        Assert.Equal(0, machine.Tasks.Interrupted(1));

        static async KernelTask UnderLock(InterruptedMachine machine)
        {
            await machine.Lock.Acquire();
            await machine.Lock.Release();
        }

        static async KernelTask Count(InterruptedMachine machine) => await machine.Window();
    }

    [Fact]
    public void A_handler_that_has_ended_leaves_the_state_that_was_there_before()
    {
        Machine machine = new InterruptedMachine(
            s_plain,
            [A],
            [(InterruptKind.Hard, async machine => await machine.Window())],
            limit: 0
        ).Image.Started();
        UInt128 before = machine.StateHash();

        machine.Perform(Transition.Interrupt(0, 0));
        Assert.NotEqual(before, machine.StateHash());
        machine.Perform(Transition.Step(1));

        Assert.Equal(before, machine.StateHash());
    }

    [Fact]
    public void An_interrupt_wakes_a_sleeper_and_also_fires_while_its_CPU_has_nothing_to_run() => Assert.Equal(
        ["Ha"],
        Logs(
            async machine =>
            {
                await machine.Kernel.SetState(TaskState.Uninterruptible);
                await machine.Queue.Add();
                await machine.Kernel.Schedule();
                await machine.Queue.Remove();
                machine.Log('a');
            },
            (InterruptKind.Hard, async machine =>
            {
                await machine.Queue.AwaitWaiters(1); // Before that the wake-up would be lost: another test's business.
                machine.Log('H');
                await machine.Queue.WakeUp();
            }
    )).Where(log => !log.Contains(' ')));

    private static async KernelTask A(InterruptedMachine machine)
    {
        await machine.Window();
        machine.Log('a');
    }

    private static async KernelTask AThenB(InterruptedMachine machine)
    {
        await machine.Window();
        machine.Log('a');
        await machine.Window();
        machine.Log('b');
    }

    private static async KernelTask H(InterruptedMachine machine)
    {
        await machine.Window();
        machine.Log('H');
    }

    private static Func<InterruptedMachine, KernelTask> Once(char what) => async machine =>
    {
        await machine.Window();
        machine.Log(what);
    };

    private static Func<InterruptedMachine, KernelTask> Twice(char first, char second) => async machine =>
    {
        machine.Log(first);
        await machine.Window();
        machine.Log(second);
    };

    private static string[] Logs(
        Func<InterruptedMachine, KernelTask> task,
        params (InterruptKind Kind, Func<InterruptedMachine, KernelTask> Handler)[] interrupts
    ) => new InterruptedMachine(s_plain, [task], interrupts).Logs();
}
