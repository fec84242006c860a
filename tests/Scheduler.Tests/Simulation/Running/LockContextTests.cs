using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>What the variants of spin_lock do to interrupts and to preempt_count.</summary>
public sealed class LockContextTests
{
    private const int OneSoftirq = 1 << 8;

    private readonly List<(bool IrqsDisabled, int PreemptCount)> _seen = [];
    private SpinLock<SimulatedKernel> _lock;
    private SpinLock<SimulatedKernel> _other;
    private SimulatedKernel _kernel;

    [Fact]
    public void A_plain_lock_leaves_interrupts_as_they_are_and_disables_preemption()
    {
        Run(async () =>
        {
            await _lock.Acquire();
            Look();
            await _lock.Release();
        });
        Assert.Equal([(false, 1), (false, 0)], _seen);
    }

    [Fact]
    public void Without_preemption_a_lock_does_not_count()
    {
        Run(
            async () =>
            {
                await _lock.Acquire();
                Look();
                await _lock.Release();
            },
            preempt: false);
        Assert.Equal([(false, 0), (false, 0)], _seen);
    }

    [Fact]
    public void Nested_irqsave_locks_restore_what_each_has_found()
    {
        Run(async () =>
        {
            int outer = await _lock.AcquireIrqSave();
            int inner = await _other.AcquireIrqSave();
            Look();
            await _other.ReleaseIrqRestore(inner);
            Look();
            await _lock.ReleaseIrqRestore(outer);
        });
        Assert.Equal([(true, 2), (true, 1), (false, 0)], _seen);
    }

    [Fact]
    public void A_nested_irq_lock_switches_interrupts_on_too_early()
    {
        Run(async () =>
        {
            int flags = await _lock.AcquireIrqSave();
            await _other.AcquireIrq();
            await _other.ReleaseIrq();
            Look();
            await _lock.ReleaseIrqRestore(flags);
        });
        Assert.Equal([(false, 1), (false, 0)], _seen);
    }

    [Fact]
    public void A_bottom_half_lock_counts_a_softirq_too()
    {
        Run(async () =>
        {
            await _lock.AcquireBh();
            Look();
            await _lock.ReleaseBh();
        });
        Assert.Equal([(false, OneSoftirq + 1), (false, 0)], _seen);
    }

    [Fact]
    public void Interrupts_are_a_matter_of_one_cpu()
    {
        Machine machine = Boot(preempt: true, async () => await _lock.AcquireIrq(), async () => await _other.Acquire());
        machine.Step(0, 1);
        Assert.True(machine.Cpus.IrqsDisabled(0));
        Assert.False(machine.Cpus.IrqsDisabled(1));
    }

    private void Run(Func<KernelTask> body, bool preempt = true)
    {
        Machine machine = Boot(preempt, async () =>
        {
            await body();
            Look();
        });
        Assert.Null(machine.RunToEnd().Finding);
    }

    private Machine Boot(bool preempt, params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _other = SpinLock<SimulatedKernel>.Create(boot, "other");
            _kernel = boot.Kernel;
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        new MachineOptions { Preempt = preempt }).Started();

    private void Look() => _seen.Add((_kernel.IrqsDisabled, _kernel.PreemptCount));
}
