using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>With fewer CPUs than tasks, who gets one and who loses one are choices too.</summary>
public sealed class SharedCpuTests
{
    private SpinLock<SimulatedKernel> _lock;
    private WaitQueue<SimulatedKernel> _queue;
    private Shared<SimulatedKernel> _word;
    private SimulatedKernel _kernel;

    [Fact]
    public void An_idle_cpu_can_take_any_task_that_has_none()
    {
        Machine machine = Boot(cpus: 2, AddTwice, AddTwice, AddTwice);
        Assert.Equal("d0:0 d0:1 d0:2 d1:0 d1:1 d1:2", Enabled(machine));
        Perform(machine, "d0:1");
        Assert.DoesNotContain("d1:1", Enabled(machine), StringComparison.Ordinal);
        Assert.Equal(0, machine.Tasks.Cpu(1));
    }

    [Fact]
    public void A_running_task_can_be_preempted_while_another_waits_for_a_cpu()
    {
        Machine machine = Boot(cpus: 1, AddTwice, AddTwice);
        Perform(machine, "d0:0");
        Assert.Equal("0 p0", Enabled(machine));
        Perform(machine, "p0");
        Assert.Equal("d0:0 d0:1", Enabled(machine));
    }

    [Fact]
    public void Nobody_is_preempted_for_nobody()
    {
        Machine machine = Boot(cpus: 1, AddTwice);
        Perform(machine, "d0:0");
        Assert.Equal("0", Enabled(machine));
    }

    [Fact]
    public void The_holder_of_a_spin_lock_keeps_its_cpu()
    {
        Machine machine = Boot(cpus: 1, AddUnderLock, AddTwice);
        Perform(machine, "d0:0", "0");
        Assert.Equal("0", Enabled(machine));
        Perform(machine, "0");
        Assert.Equal("d0:1", Enabled(machine)); // The other has ended.
    }

    [Fact]
    public void Without_config_preempt_nobody_is_preempted()
    {
        Machine machine = Boot(new MachineOptions { Cpus = 1, Preempt = false }, AddTwice, AddTwice);
        Perform(machine, "d0:0");
        Assert.Equal("0", Enabled(machine));
    }

    [Fact]
    public void A_cpu_with_interrupts_off_keeps_its_task()
    {
        Machine machine = Boot(
            cpus: 1,
            async () =>
            {
                await _word.FetchAdd(1);
                _kernel.SetIrqsDisabled(true);
                await _word.FetchAdd(1);
                _kernel.SetIrqsDisabled(false);
                await _word.FetchAdd(1);
            },
            AddTwice);
        Perform(machine, "d0:0", "0");
        Assert.Equal("0", Enabled(machine));
        Perform(machine, "0");
        Assert.Equal("0 p0", Enabled(machine));
    }

    [Fact]
    public void A_task_that_was_preempted_after_it_set_its_state_stays_on_the_run_queue()
    {
        Machine machine = Boot(cpus: 1, Sleep, AddTwice);
        Perform(machine, "d0:0", "0", "p0"); // PREEMPT_ACTIVE.
        Assert.Equal(TaskState.Uninterruptible, machine.Tasks.State(0));
        Assert.Equal(ContextStatus.Runnable, machine.Tasks.Status(0));
        Perform(machine, "d0:0", "0"); // Its own schedule() puts it to sleep.
        Assert.Equal(ContextStatus.Asleep, machine.Tasks.Status(0));
    }

    [Fact]
    public void A_task_that_sleeps_leaves_its_cpu_to_others_until_it_is_woken()
    {
        Machine machine = Boot(cpus: 1, Sleep, async () => await _queue.WakeUp());
        Perform(machine, "d0:0", "0", "0");
        Assert.Equal("d0:1", Enabled(machine));
        Perform(machine, "d0:1", "1");
        Assert.Equal("d0:0", Enabled(machine));
    }

    [Fact]
    public void Schedule_in_running_state_offers_the_cpu_to_all()
    {
        Machine machine = Boot(
            cpus: 1,
            async () =>
            {
                await _kernel.Schedule();
                await _word.FetchAdd(1);
            },
            AddTwice);
        Perform(machine, "d0:0", "0");
        Assert.Equal("d0:0 d0:1", Enabled(machine));
    }

    [Fact]
    public void A_lock_keeps_all_increments_whoever_is_preempted_where()
    {
        MachineImage image = BootImage(new MachineOptions { Cpus = 2 }, AddUnderLock, AddUnderLock, AddUnderLock);
        Assert.Equal(["3"], EveryState.Outcomes(image, _ => $"{_word.Peek}").Outcomes);
    }

    private static string Enabled(Machine machine) => string.Join(' ', machine.Enabled().ToArray());

    private static void Perform(Machine machine, params ReadOnlySpan<string> transitions)
    {
        foreach (string text in transitions)
        {
            Assert.True(Transition.TryParse(text, out Transition transition));
            Assert.True(machine.Enabled().Contains(transition), $"{text} is not enabled, but {Enabled(machine)}");
            machine.Perform(transition);
        }
    }

    private Machine Boot(int cpus, params Func<KernelTask>[] bodies) =>
        Boot(new MachineOptions { Cpus = cpus }, bodies);

    private Machine Boot(MachineOptions options, params Func<KernelTask>[] bodies) =>
        BootImage(options, bodies).Started();

    private MachineImage BootImage(MachineOptions options, params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            _kernel = boot.Kernel;
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        options,
        new DeadlockDetector());

    private async KernelTask AddTwice()
    {
        await _word.FetchAdd(1);
        await _word.FetchAdd(1);
    }

    private async KernelTask AddUnderLock()
    {
        await _lock.Acquire();
        _word.Value++;
        await _lock.Release();
    }

    private async KernelTask Sleep()
    {
        await _kernel.SetState(TaskState.Uninterruptible);
        await _queue.Add();
        await _kernel.Schedule();
        await _queue.Remove();
    }
}
