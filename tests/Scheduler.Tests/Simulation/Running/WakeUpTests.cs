using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>__wake_up and try_to_wake_up: who is woken, in which order, and who counts as woken.</summary>
public sealed class WakeUpTests
{
    private WaitQueue<SimulatedKernel> _queue;
    private WaitQueue<SimulatedKernel> _other;
    private SimulatedKernel _kernel;

    [Fact]
    public void A_sleeper_cannot_go_on_until_it_is_woken()
    {
        Machine machine = Boot(Sleep, Wake);
        machine.RunAlone(0);
        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(0));
        Assert.Equal([1], machine.EnabledTasks());
        machine.RunAlone(1);
        Assert.Equal(ContextStatus.Runnable, machine.Tasks.Status(0));
        Assert.Equal(TaskState.Running, machine.Tasks.State(0));
        machine.RunAlone(0);
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0));
    }

    [Fact]
    public void Wake_up_wakes_all_ordinary_waiters_and_one_exclusive_one()
    {
        Machine machine = Boot(SleepExclusively, Sleep, SleepExclusively, Sleep, Wake);
        machine.RunAlone(0, 1, 2, 3, 4);
        Assert.Equal([0, 1, 3], machine.EnabledTasks()); // 0 came before 2.
    }

    [Fact]
    public void Wake_up_all_wakes_everybody()
    {
        Machine machine = Boot(SleepExclusively, Sleep, SleepExclusively, Sleep, async () => await _queue.WakeUpAll());
        machine.RunAlone(0, 1, 2, 3, 4);
        Assert.Equal([0, 1, 2, 3], machine.EnabledTasks());
    }

    [Fact]
    public void Ordinary_waiters_are_woken_newest_first_and_exclusive_ones_oldest_first()
    {
        Machine machine = Boot(Sleep, SleepExclusively, Sleep, SleepExclusively, async () => await _queue.WakeUpAll());
        var order = new WakeOrder();
        machine.Observer = order;
        machine.RunAlone(0, 1, 2, 3, 4);
        Assert.Equal([(2, true), (0, true), (1, true), (3, true)], order.Woken);
    }

    [Fact]
    public void A_waiter_that_has_not_slept_yet_only_becomes_running()
    {
        Machine machine = Boot(Sleep, Wake);
        machine.Step(0); // On the queue, its state set, before schedule().
        Assert.Equal(TaskState.Uninterruptible, machine.Tasks.State(0));
        machine.RunAlone(1);
        Assert.Equal(TaskState.Running, machine.Tasks.State(0));
        machine.RunAlone(0);
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0)); // schedule() did not sleep.
    }

    [Fact]
    public void An_exclusive_waiter_that_has_not_slept_yet_does_not_use_up_the_wake_up()
    {
        Machine machine = Boot(SleepExclusively, SleepExclusively, SleepExclusively, Wake);
        machine.Step(0);
        machine.RunAlone(1, 2, 3);
        Assert.Equal([0, 1], machine.EnabledTasks());
        Assert.Equal(TaskState.Running, machine.Tasks.State(0));
        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(2));
    }

    [Fact]
    public void A_running_task_on_the_queue_does_not_use_up_the_wake_up()
    {
        Machine machine = Boot(
            async () =>
            {
                await _queue.AddExclusive();
                await _queue.Remove();
            },
            SleepExclusively,
            Wake);
        var order = new WakeOrder();
        machine.Observer = order;
        machine.Step(0);
        machine.RunAlone(1, 2);
        Assert.Equal([(1, true)], order.Woken);
    }

    [Fact]
    public void A_woken_task_stays_on_the_queue_until_it_leaves()
    {
        Machine machine = Boot(Sleep, Wake, Wake);
        machine.RunAlone(0, 1);
        Assert.Equal(1, machine.Queues.Count(_queue.Number));
        machine.RunAlone(2); // A second wake-up finds it RUNNING and changes nothing.
        Assert.Equal(TaskState.Running, machine.Tasks.State(0));
        machine.RunAlone(0);
        Assert.Equal(0, machine.Queues.Count(_queue.Number));
    }

    [Fact]
    public void A_task_can_sleep_again_on_the_same_entry_and_be_woken_again()
    {
        Machine machine = Boot(SleepTwiceOnOneEntry, Wake, Wake);
        machine.RunAlone(0, 1, 0);
        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(0));
        machine.RunAlone(2, 0);
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0));
    }

    [Fact]
    public void A_wake_up_reaches_only_its_own_queue()
    {
        Machine machine = Boot(Sleep, async () => await _other.WakeUpAll());
        machine.RunAlone(0, 1);
        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(0));
    }

    [Fact]
    public void A_task_on_two_queues_is_woken_by_either()
    {
        Machine machine = Boot(
            async () =>
            {
                await _other.Add();
                await Sleep();
                await _other.Remove();
            },
            async () => await _other.WakeUp());
        machine.RunAlone(0, 1, 0);
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0));
    }

    [Fact]
    public void An_interruptible_sleeper_is_woken_like_an_uninterruptible_one()
    {
        Machine machine = Boot(
            async () =>
            {
                await _kernel.SetState(TaskState.Interruptible);
                await _queue.Add();
                await _kernel.Schedule();
                await _queue.Remove();
            },
            Wake);
        machine.RunAlone(0, 1, 0);
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(0));
    }

    [Fact]
    public void Waking_an_empty_queue_does_nothing()
    {
        Machine machine = Boot(Wake, async () => await _queue.WakeUpAll());
        Assert.Null(machine.RunToEnd().Finding);
    }

    private Machine Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(bodies.Length, boot =>
    {
        _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
        _other = WaitQueue<SimulatedKernel>.Create(boot, "other");
        _kernel = boot.Kernel;
        foreach (Func<KernelTask> body in bodies)
            boot.Spawn("test", body);
    }).Started();

    private async KernelTask Sleep()
    {
        await _kernel.SetState(TaskState.Uninterruptible);
        await _queue.Add();
        await _kernel.Schedule();
        await _queue.Remove();
    }

    private async KernelTask SleepExclusively()
    {
        await _kernel.SetState(TaskState.Uninterruptible);
        await _queue.AddExclusive();
        await _kernel.Schedule();
        await _queue.Remove();
    }

    private async KernelTask SleepTwiceOnOneEntry()
    {
        await _queue.Add();
        for (int i = 0; i < 2; i++)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _kernel.Schedule();
        }

        await _queue.Remove();
    }

    private async KernelTask Wake() => await _queue.WakeUp();

    private sealed class WakeOrder : IMachineObserver
    {
        internal List<(int Task, bool Slept)> Woken { get; } = [];

        void IMachineObserver.OnWoken(int task, bool slept) => Woken.Add((task, slept));

        void IMachineObserver.OnOperation(int context, in PerformedOperation operation)
        {
        }

        void IMachineObserver.OnCount(KernelEvent what)
        {
        }

        void IMachineObserver.OnOperationDone(int context)
        {
        }
    }
}
