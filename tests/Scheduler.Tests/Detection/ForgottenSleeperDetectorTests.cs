using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>Tasks sleep until a word under a lock is not 0; others set it, and wake or forget to.</summary>
public sealed class ForgottenSleeperDetectorTests
{
    private SpinLock<SimulatedKernel> _lock;
    private WaitQueue<SimulatedKernel> _queue;
    private Shared<SimulatedKernel> _there;
    private SimulatedKernel _kernel;

    [Fact]
    public void A_sleeper_beside_what_it_waits_for_is_found_while_others_still_run()
    {
        Machine machine = Boot(SleepUntilThere, Put, GoOnForEver);
        machine.RunAlone(0, 1);
        Look(machine)
            .AssertFound(
                FailureClass.LostWakeup,
                "task 0 sleeps on queue although what it waits for is there, and nobody is going to wake it");
        Assert.True(machine.IsEnabled(2));
    }

    [Fact]
    public void A_sleeper_whose_waker_is_on_its_way_is_no_finding()
    {
        Machine machine = Boot(SleepUntilThere, PutAndWake);
        machine.RunAlone(0);
        machine.Step(1, 1); // Has released the lock and stands in front of its wake-up.
        Assert.Equal(OperationKind.WakeUp, machine.Tasks.Operation(1));
        Assert.Null(Look(machine));
        machine.Step(1);
        Assert.Null(Look(machine));
    }

    [Fact]
    public void A_waker_that_has_decided_and_does_something_else_first_is_obliged()
    {
        Machine machine = Boot(SleepUntilThere, async () =>
        {
            await Put();
            await _lock.Acquire();
            await _lock.Release();
            await _queue.WakeUp();
        });
        machine.RunAlone(0);
        machine.Step(1, 1);
        Assert.Equal(OperationKind.Acquire, machine.Tasks.Operation(1));
        Assert.Null(Look(machine));
    }

    [Fact]
    public void A_waker_that_another_one_keeps_waiting_is_obliged()
    {
        Machine machine = Boot(SleepUntilThere, async () =>
        {
            await Put();
            await _lock.Acquire();
            await _lock.Release();
            await _queue.WakeUp();
        }, GoOnForEver);
        machine.RunAlone(0);
        machine.Step(1, 1);
        Assert.Null(Look(machine));
    }

    [Fact]
    public void A_waker_that_is_about_to_look_at_the_queue_is_obliged_too()
    {
        Machine machine = Boot(SleepUntilThere, async () =>
        {
            await Put();
            if (await _queue.IsActiveOnce())
                await _queue.WakeUp();
        });
        machine.RunAlone(0);
        machine.Step(1, 1);
        Assert.Equal(OperationKind.QueueTest, machine.Tasks.Operation(1));
        Assert.Null(Look(machine));
    }

    [Fact]
    public void Nobody_is_judged_while_the_lock_is_held()
    {
        Machine machine = Boot(SleepUntilThere, Put);
        machine.RunAlone(0);
        machine.Step(1); // Has the lock, and the word is set.
        Assert.Equal(1, machine.HolderOf(_lock.Number));
        Assert.Null(Look(machine));
    }

    [Fact]
    public void A_sleeper_whose_condition_is_false_is_no_finding()
    {
        Machine machine = Boot(SleepUntilThere, GoOnForEver);
        machine.RunAlone(0);
        Assert.Null(Look(machine));
    }

    [Fact]
    public void Another_waiter_who_is_awake_may_still_pass_the_wake_up_on()
    {
        Machine machine = Boot(SleepUntilThere, SleepUntilThere, Put);
        machine.RunAlone(0);
        machine.Step(1, 1, 1); // Stands in front of its schedule() when the word is set.
        machine.RunAlone(2);
        Assert.Null(Look(machine));
        machine.RunAlone(1);
        Look(machine).AssertFound(FailureClass.LostWakeup, "although what it waits for is there");
    }

    [Fact]
    public void A_waker_of_another_queue_is_not_obliged()
    {
        WaitQueue<SimulatedKernel> other = default;
        Machine machine = Boot(
            boot => other = WaitQueue<SimulatedKernel>.Create(boot, "other"),
            SleepUntilThere,
            Put,
            async () => await other.WakeUp());
        machine.RunAlone(0, 1);
        Assert.Equal(OperationKind.WakeUp, machine.Tasks.Operation(2));
        Look(machine).AssertFound(FailureClass.LostWakeup, "task 0 sleeps on queue");
    }

    private static Finding? Look(Machine machine)
    {
        machine.CheckState();
        return machine.Finding;
    }

    private Machine Boot(params Func<KernelTask>[] bodies) => Boot(_ => { }, bodies);

    private Machine Boot(Action<MachineBuilder> more, params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
            _there = Shared<SimulatedKernel>.Create(boot, "there", _lock.Number);
            _kernel = boot.Kernel;
            boot.DeclareSleep(_queue.Number, _lock.Number, nameof(SleepUntilThere), () => _there.Peek != 0);
            more(boot);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        detectors: new ForgottenSleeperDetector()).Started();

    private async KernelTask SleepUntilThere()
    {
        await _lock.Acquire();
        while (_there.Value == 0)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _queue.Add();
            await _lock.Release();
            await _kernel.Schedule();
            await _queue.Remove();
            await _lock.Acquire();
        }

        await _lock.Release();
    }

    private async KernelTask Put()
    {
        await _lock.Acquire();
        _there.Value = 1;
        await _lock.Release();
    }

    private async KernelTask PutAndWake()
    {
        await Put();
        await _queue.WakeUp();
    }

    private async KernelTask GoOnForEver()
    {
        while (true)
            await _kernel.Schedule();
    }
}
