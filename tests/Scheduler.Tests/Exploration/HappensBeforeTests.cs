using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>What tells two executions apart, and what does not.</summary>
public sealed class HappensBeforeTests
{
    [Fact]
    public void Words_that_no_operation_is_about_tell_executions_apart()
    {
        MachineImage image = BootWriters();
        (UInt128 class01, UInt128 end01) = Run(image, hidden: null, 0, 1);
        (UInt128 class10, UInt128 end10) = Run(image, hidden: null, 1, 0);

        Assert.NotEqual(end01, end10);
        Assert.NotEqual(class01, class10);
    }

    [Fact]
    public void Words_left_out_of_the_log_would_merge_executions_that_end_differently()
    {
        MachineImage image = BootWriters();
        MemoryRegion hidden = image.Regions.Single(region => region.Name == "plain");
        (UInt128 class01, UInt128 end01) = Run(image, hidden, 0, 1);
        (UInt128 class10, UInt128 end10) = Run(image, hidden, 1, 0);

        Assert.NotEqual(end01, end10);
        Assert.Equal(class01, class10); // So the tests above and of the scenarios would notice it.
    }

    [Fact]
    public void Whether_another_task_holds_a_lock_as_one_begins_to_spin_makes_no_difference()
    {
        SpinLock<SimulatedKernel> spinLock = default;
        SharedArray<SimulatedKernel> words = default;
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            spinLock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            words = SharedArray<SimulatedKernel>.Create(boot, "words", 1, guard: -1);
            boot.Spawn("holder", async () =>
            {
                await spinLock.Acquire();
                await spinLock.Release();
            });
            boot.Spawn("spinner", async () =>
            {
                await words.FetchAdd(0, 1);
                await spinLock.Acquire();
                await spinLock.Release();
            });
        });

        Assert.Equal(Run(image, hidden: null, 0, 1, 0, 1, 1), Run(image, hidden: null, 1, 0, 0, 1, 1));
        Assert.NotEqual(Run(image, hidden: null, 1, 1, 1, 0, 0), Run(image, hidden: null, 1, 0, 0, 1, 1));
    }

    [Fact]
    public void A_machine_that_logs_nothing_is_refused() =>
        Assert.Throws<ArgumentException>(() => new HappensBefore(new Machine(BootWriters())));

    /// <summary>Two tasks that write one word on the way, each after an operation about a word of its own.</summary>
    private static MachineImage BootWriters() => SmallMachine.Boot(2, boot =>
    {
        SharedArray<SimulatedKernel> words = SharedArray<SimulatedKernel>.Create(boot, "words", 2, guard: -1);
        Shared<SimulatedKernel> plain = Shared<SimulatedKernel>.Create(
            boot, "plain", guard: -1, role: RegionRole.Bookkeeping);
        for (int task = 0; task < 2; task++)
        {
            int number = task;
            boot.Spawn("writer", async () =>
            {
                await words.FetchAdd(number, 1);
                plain.Value = number + 1;
            });
        }
    });

    private static (UInt128 Class, UInt128 End) Run(
        MachineImage image, MemoryRegion? hidden, params ReadOnlySpan<int> tasks)
    {
        var machine = new Machine(image, copyOnResume: false, logsTouches: true, hidden);
        machine.Reset();
        var past = new HappensBefore(machine);
        foreach (int task in tasks)
            past.Perform(Transition.Step(task));

        Assert.Equal(0, machine.Enabled().Length);
        return (past.Fingerprint, machine.StateHash());
    }
}
