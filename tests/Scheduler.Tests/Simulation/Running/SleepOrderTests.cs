using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>
/// The order of joining, setting the state, testing and sleeping decides whether a wake-up can be lost; every execution
/// is run.
/// </summary>
public sealed class SleepOrderTests
{
    private WaitQueue<SimulatedKernel> _queue;
    private Shared<SimulatedKernel> _ready;
    private SimulatedKernel _kernel;

    [Fact]
    public void Prepare_test_sleep_finish_loses_no_wake_up() =>
        Assert.Equal(["nothing"], Findings(PrepareTestSleep, SetThenWake));

    [Fact]
    public void Testing_before_preparing_loses_the_wake_up_in_between() =>
        Assert.Equal(["lost-wakeup", "nothing"], Findings(TestPrepareSleep, SetThenWake));

    [Fact]
    public void Joining_after_the_test_loses_the_wake_up_in_between() =>
        Assert.Equal(["lost-wakeup", "nothing"], Findings(StateTestJoinSleep, SetThenWake));

    [Fact]
    public void Setting_the_state_after_the_test_loses_the_wake_up_in_between() =>
        Assert.Equal(["lost-wakeup", "nothing"], Findings(JoinTestStateSleep, SetThenWake));

    [Fact]
    public void Waking_before_the_condition_is_set_loses_the_wake_up() =>
        Assert.Equal(["lost-wakeup", "nothing"], Findings(PrepareTestSleep, WakeThenSet));

    private string[] Findings(Func<KernelTask> sleeper, Func<KernelTask> waker) =>
        EveryExecution.Findings(
            SmallMachine.Boot(
                2,
                boot =>
                {
                    _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
                    _ready = Shared<SimulatedKernel>.Create(boot, "ready", guard: -1);
                    _kernel = boot.Kernel;
                    boot.Spawn("sleeper", sleeper);
                    boot.Spawn("waker", waker);
                },
                new MachineOptions { Points = SchedulingPoints.All },
                new DeadlockDetector()));

    private async KernelTask PrepareTestSleep()
    {
        await _queue.Add();
        while (true)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            if (await _ready.ReadOnce() != 0)
                break;

            await _kernel.Schedule();
        }

        await _kernel.SetState(TaskState.Running);
        await _queue.Remove();
    }

    private async KernelTask TestPrepareSleep()
    {
        if (await _ready.ReadOnce() != 0)
            return;

        await _queue.Add();
        await _kernel.SetState(TaskState.Uninterruptible);
        await _kernel.Schedule();
        await _queue.Remove();
    }

    private async KernelTask StateTestJoinSleep()
    {
        await _kernel.SetState(TaskState.Uninterruptible);
        if (await _ready.ReadOnce() == 0)
        {
            await _queue.Add();
            await _kernel.Schedule();
            await _queue.Remove();
        }

        await _kernel.SetState(TaskState.Running);
    }

    private async KernelTask JoinTestStateSleep()
    {
        await _queue.Add();
        if (await _ready.ReadOnce() == 0)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _kernel.Schedule();
        }

        await _queue.Remove();
    }

    private async KernelTask SetThenWake()
    {
        await _ready.WriteOnce(1);
        await _queue.WakeUp();
    }

    private async KernelTask WakeThenSet()
    {
        await _queue.WakeUp();
        await _ready.WriteOnce(1);
    }
}
