using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

public sealed class DeadlockDetectorTests
{
    private readonly StuckTasks _stuck = new();

    [Fact]
    public void Two_locks_in_opposite_orders_deadlock_and_each_waiter_is_told_the_holder()
    {
        Machine machine = Boot(_stuck.TakeBoth, _stuck.TakeBothTheOtherWay).Started();
        machine.Step(0, 1);
        machine.RunToEnd().Finding.AssertFound(
            FailureClass.Deadlock,
            "2 of 2 tasks can never run again",
            "task 0 spins for b, held by task 1, in take_both",
            "task 1 spins for a, held by task 0, in take_both_the_other_way");
    }

    [Fact]
    public void Two_locks_in_opposite_orders_deadlock_in_some_executions_only() =>
        Assert.Equal(["deadlock", "nothing"], EveryExecution.Findings(Boot(_stuck.TakeBoth, _stuck.TakeBothTheOtherWay)));

    [Fact]
    public void Two_locks_in_one_order_never_deadlock() =>
        Assert.Equal(["nothing"], EveryExecution.Findings(Boot(_stuck.TakeBoth, _stuck.TakeBoth, _stuck.TakeBoth)));

    [Fact]
    public void A_lock_that_was_not_released_stops_the_next_task_and_names_who_left_it()
    {
        Machine machine = Boot(async () => await _stuck.A.Acquire(), _stuck.TakeBoth).Started();
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
        Machine machine = Boot(_stuck.SleepUntilFlag).Started();
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
        Machine machine = Boot(_stuck.SleepUntilFlag, _stuck.SetWithoutWaking).Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.LostWakeup,
                "task 0 asleep (Uninterruptible) on queue",
                "woken by hand, task 0 gets what it waits for: its wake-up was lost");
    }

    [Fact]
    public void A_sleeper_that_is_woken_in_time_is_no_finding() =>
        Assert.Equal(["nothing"], EveryExecution.Findings(Boot(_stuck.SleepUntilFlag, SetAndWake)));

    [Fact]
    public void A_sleeper_on_no_queue_is_out_of_reach()
    {
        Machine machine = Boot(async () =>
            {
                await _stuck.Kernel.SetState(TaskState.Interruptible);
                await _stuck.Kernel.Schedule();
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
        Machine machine = Boot(async () => await _stuck.Flag.Await(1)).Started();
        machine.RunToEnd().Finding.AssertFound(FailureClass.Deadlock, "task 0 waits for flag to become 1, it is 0");
    }

    [Fact]
    public void What_the_scenario_knows_of_a_wait_is_told_below_it()
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot =>
            {
                _stuck.Lay(boot);
                boot.Spawn("sleeper", _stuck.SleepUntilFlag);
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
            _stuck.Lay(boot);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        detectors: new DeadlockDetector());

    private async KernelTask SetAndWake()
    {
        await _stuck.Flag.WriteOnce(1);
        await _stuck.Queue.WakeUp();
    }
}
