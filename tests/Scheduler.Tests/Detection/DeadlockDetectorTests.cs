using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

public sealed class DeadlockDetectorTests
{
    private SpinLock<SimulatedKernel> _a;
    private SpinLock<SimulatedKernel> _b;
    private WaitQueue<SimulatedKernel> _queue;
    private Shared<SimulatedKernel> _flag;
    private SimulatedKernel _kernel;

    [Fact]
    public void Two_locks_in_opposite_orders_deadlock_and_each_waiter_is_told_the_holder()
    {
        Machine machine = Boot(TakeBoth, TakeBothTheOtherWay).Started();
        machine.Step(0, 1);
        machine.RunToEnd().Finding.AssertFound(
            FailureClass.Deadlock,
            "2 of 2 tasks can never run again",
            "task 0 spins for b, held by task 1, in take_both",
            "task 1 spins for a, held by task 0, in take_both_the_other_way");
    }

    [Fact]
    public void Two_locks_in_opposite_orders_deadlock_in_some_executions_only() =>
        Assert.Equal(["deadlock", "nothing"], EveryExecution.Findings(Boot(TakeBoth, TakeBothTheOtherWay)));

    [Fact]
    public void Two_locks_in_one_order_never_deadlock() =>
        Assert.Equal(["nothing"], EveryExecution.Findings(Boot(TakeBoth, TakeBoth, TakeBoth)));

    [Fact]
    public void A_lock_that_was_not_released_stops_the_next_task_and_names_who_left_it()
    {
        Machine machine = Boot(async () => await _a.Acquire(), TakeBoth).Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.Deadlock,
                "1 of 2 tasks",
                "task 1 spins for a, held by task 0, in take_both");
    }

    [Fact]
    public void A_sleeper_that_goes_back_to_sleep_when_woken_waits_for_what_is_not_there()
    {
        Machine machine = Boot(SleepUntilFlag).Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.Deadlock,
                "task 0 asleep (Uninterruptible) on queue, in sleep_until_flag");
        Assert.DoesNotContain("wake-up was lost", machine.Finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sleeper_that_gets_on_when_woken_has_missed_its_wake_up()
    {
        Machine machine = Boot(SleepUntilFlag, SetWithoutWaking).Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.LostWakeup,
                "task 0 asleep (Uninterruptible) on queue",
                "woken by hand, task 0 gets what it waits for: its wake-up was lost");
    }

    [Fact]
    public void A_sleeper_that_is_woken_in_time_is_no_finding() =>
        Assert.Equal(["nothing"], EveryExecution.Findings(Boot(SleepUntilFlag, SetAndWake)));

    [Fact]
    public void A_sleeper_on_no_queue_is_out_of_reach()
    {
        Machine machine = Boot(async () =>
            {
                await _kernel.SetState(TaskState.Interruptible);
                await _kernel.Schedule();
            })
            .Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.LostWakeup,
                "task 0 asleep (Interruptible) on no wait queue, so no wake-up can reach it");
    }

    [Fact]
    public void Who_waits_for_a_word_is_told_what_it_is_and_should_be()
    {
        Machine machine = Boot(async () => await _flag.Await(1)).Started();
        machine.RunToEnd().Finding.AssertFound(FailureClass.Deadlock, "task 0 waits for flag to become 1, it is 0");
    }

    [Fact]
    public void What_the_scenario_knows_of_a_wait_is_told_below_it()
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot =>
            {
                Lay(boot);
                boot.Spawn("sleeper", SleepUntilFlag);
                boot.ExplainWaits(task => [$"the flag is up to nobody, {task}"]);
            },
            detectors: new DeadlockDetector());
        image
            .Started()
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.Deadlock,
                "in sleep_until_flag",
                "\n    the flag is up to nobody, task 0");
    }

    private MachineImage Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            Lay(boot);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        detectors: new DeadlockDetector());

    private void Lay(MachineBuilder boot)
    {
        _a = SpinLock<SimulatedKernel>.Create(boot, "a");
        _b = SpinLock<SimulatedKernel>.Create(boot, "b");
        _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
        _flag = Shared<SimulatedKernel>.Create(boot, "flag", guard: -1);
        _kernel = boot.Kernel;
    }

    private async KernelTask TakeBoth()
    {
        await _a.Acquire();
        await _b.Acquire();
        await _b.Release();
        await _a.Release();
    }

    private async KernelTask TakeBothTheOtherWay()
    {
        await _b.Acquire();
        await _a.Acquire();
        await _a.Release();
        await _b.Release();
    }

    private async KernelTask SleepUntilFlag()
    {
        await _queue.Add();
        while (true)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            if (await _flag.ReadOnce() != 0)
                break;

            await _kernel.Schedule();
        }

        await _kernel.SetState(TaskState.Running);
        await _queue.Remove();
    }

    private async KernelTask SetWithoutWaking()
    {
        await _queue.AwaitWaiters(1);
        await _flag.WriteOnce(1);
    }

    private async KernelTask SetAndWake()
    {
        await _flag.WriteOnce(1);
        await _queue.WakeUp();
    }
}
