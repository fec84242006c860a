using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>
/// Tasks that share CPUs: when they are dispatched, when they can be taken off, and what they take along.
/// </summary>
public sealed class PreemptionTests
{
    private static readonly MachineOptions s_oneCpu = new() { Cpus = 1 };
    private static readonly MachineOptions s_oneCpuWithoutPreempt = new() { Cpus = 1, Preempt = false };

    [Fact]
    public void A_task_begins_on_the_CPU_that_it_is_dispatched_to() => Assert.Equal(
        ["0", "1"],
        new InterruptedMachine(new MachineOptions { Cpus = 2 }, [LogCpu], []).Logs());

    [Fact]
    public void With_preemption_a_task_is_taken_off_between_any_two_steps() =>
        Assert.Equal(["abcd", "acbd", "acdb", "cabd", "cadb", "cdab"], Logs(s_oneCpu, Two('a', 'b'), Two('c', 'd')));

    [Fact]
    public void Without_preemption_a_task_runs_until_it_gives_up_its_CPU() =>
        Assert.Equal(["abcd", "cdab"], Logs(s_oneCpuWithoutPreempt, Two('a', 'b'), Two('c', 'd')));

    [Fact]
    public void Schedule_gives_up_the_CPU_without_preemption_too() =>
        Assert.Equal(
            ["abcd", "acbd", "acdb", "cabd", "cadb", "cdab"],
            Logs(s_oneCpuWithoutPreempt, Yielding('a', 'b'), Yielding('c', 'd')));

    [Fact]
    public void Nobody_takes_a_lock_holder_off_its_CPU() => Assert.Equal(
        ["abcd", "cabd", "cdab"],
        Logs(
            s_oneCpu,
            async machine =>
            {
                await machine.Lock.Acquire();
                machine.Log('a');
                await machine.Window();
                machine.Log('b');
                await machine.Lock.Release();
            },
            Two('c', 'd')));

    [Fact]
    public void Nobody_is_taken_off_with_interrupts_off() => Assert.Equal(
        ["abcd", "cabd", "cdab"],
        Logs(
            s_oneCpu,
            async machine =>
            {
                bool wereOff = machine.Kernel.SetIrqsDisabled(true);
                machine.Log('a');
                await machine.Window();
                machine.Log('b');
                machine.Kernel.SetIrqsDisabled(wereOff);
            },
            Two('c', 'd')));

    [Fact]
    public void Who_spins_for_a_lock_can_be_taken_off_so_the_holder_gets_on()
    {
        // The holder needs the CPU on which the other one spins: without preemption of spinners this would deadlock.
        string[] logs = Logs(
            new MachineOptions { Cpus = 1 },
            async machine =>
            {
                await machine.Lock.Acquire();
                machine.Kernel.AddPreemptCount(-1); // A holder that can be preempted, as by a mistake.
                await machine.Window();
                machine.Kernel.AddPreemptCount(1);
                await machine.Lock.Release();
                machine.Log('a');
            },
            async machine =>
            {
                await machine.Lock.Acquire();
                machine.Log('b');
                await machine.Lock.Release();
            });

        Assert.Equal(["ab", "ba"], logs);
    }

    [Fact]
    public void A_task_preempted_after_it_set_its_state_stays_on_the_run_queue_and_sleeps_only_in_schedule()
    {
        Machine machine = new InterruptedMachine(s_oneCpu, [Sleeper, Two('c', 'd')], []).Image.Started();
        machine.Perform(Transition.Dispatch(0, 0));
        machine.Step(0, 0);

        machine.Perform(Transition.Preempt(0));

        Assert.Equal(TaskState.Uninterruptible, machine.Tasks.State(0));
        Assert.Equal(ContextStatus.Runnable, machine.Tasks.Status(0));
        Assert.Equal(1 << 28, machine.Tasks.PreemptCount(0)); // PREEMPT_ACTIVE
        Assert.Contains(Transition.Dispatch(0, 0), machine.Enabled().ToArray());

        machine.Perform(Transition.Dispatch(0, 0));
        Assert.Equal(0, machine.Tasks.PreemptCount(0));
        while (machine.Tasks.Status(0) == ContextStatus.Runnable)
            machine.Step(0);

        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(0));
        Assert.Equal(-1, machine.Tasks.Cpu(0));
    }

    [Fact]
    public void A_task_can_be_moved_to_another_CPU()
    {
        string[] logs = new InterruptedMachine(
            new MachineOptions { Cpus = 2 },
            [
                async machine =>
                {
                    machine.Log((char)('0' + machine.Kernel.CurrentCpu.Number));
                    await machine.Kernel.Schedule();
                    machine.Log((char)('0' + machine.Kernel.CurrentCpu.Number));
                },
            ],
            []).Logs();

        Assert.Equal(["00", "01", "10", "11"], logs);
    }

    [Fact]
    public void Who_waits_for_a_word_lets_others_run_without_preemption_too() => Assert.Equal(
        ["cab"],
        Logs(
            s_oneCpuWithoutPreempt,
            async machine =>
            {
                await machine.Queue.AwaitWaiters(1);
                machine.Log('a');
                await machine.Window();
                machine.Log('b');
            },
            async machine =>
            {
                machine.Log('c');
                await machine.Queue.Add();
            }).Select(log => log.Split(' ')[0]).Distinct());

    [Fact]
    public void A_task_that_nobody_can_give_a_CPU_to_is_told_in_the_deadlock()
    {
        Machine machine = new InterruptedMachine(
            s_oneCpuWithoutPreempt,
            [
                async machine =>
                {
                    machine.Kernel.AddPreemptCount(1);
                    await machine.Queue.AwaitWaiters(1);
                },
                async machine => await machine.Window(),
            ],
            []).Image.Started();
        machine.Perform(Transition.Dispatch(0, 0));

        machine.RunToEnd();

        machine.Finding.AssertFound(
            FailureClass.Deadlock,
            "task 0 waits for queue to become 1",
            "task 1 waits for a CPU");
    }

    private static async KernelTask Sleeper(InterruptedMachine machine)
    {
        await machine.Queue.Add();
        await machine.Kernel.SetState(TaskState.Uninterruptible);
        await machine.Window();
        await machine.Kernel.Schedule();
    }

    private static async KernelTask LogCpu(InterruptedMachine machine)
    {
        machine.Log((char)('0' + machine.Kernel.CurrentCpu.Number));
        await machine.Window();
    }

    private static Func<InterruptedMachine, KernelTask> Two(char first, char second) => async machine =>
    {
        machine.Log(first);
        await machine.Window();
        machine.Log(second);
    };

    private static Func<InterruptedMachine, KernelTask> Yielding(char first, char second) => async machine =>
    {
        machine.Log(first);
        await machine.Kernel.Schedule();
        machine.Log(second);
    };

    private static string[] Logs(MachineOptions options, params Func<InterruptedMachine, KernelTask>[] tasks) =>
        new InterruptedMachine(options, tasks, []).Logs();
}
