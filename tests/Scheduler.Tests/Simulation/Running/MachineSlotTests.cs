using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>Kernel code that was booted once runs on many machines, and each must change its own only.</summary>
public sealed class MachineSlotTests
{
    private const int Turns = 2_000;

    [Fact]
    public void Of_the_machines_of_one_thread_the_current_one_is_meant()
    {
        MachineImage image = Boot();
        var first = new Machine(image);
        var second = new Machine(image);
        first.Reset();
        Assert.Same(first.Runner, image.Slot.Meant);
        second.Reset();
        Assert.Same(second.Runner, image.Slot.Meant);

        first.RunAlone(0);
        Assert.Same(first.Runner, image.Slot.Meant);
        second.Step(0);

        Assert.Equal((Turns, 1), (Turned(first), Turned(second)));
    }

    [Fact]
    public void A_machine_alone_is_meant_on_every_thread()
    {
        MachineImage image = Boot();
        var machine = new Machine(image);
        machine.Reset();
        OnThread(() => machine.Step(0));
        machine.Step(0);

        Assert.Same(machine.Runner, image.Slot.Meant);
    }

    [Fact]
    public void A_second_machine_and_a_second_thread_close_the_way_for_ever()
    {
        MachineImage image = Boot();
        var first = new Machine(image);
        first.Reset();
        OnThread(() => first.Step(0));
        var second = new Machine(image);
        Assert.Null(image.Slot.Meant);

        second.Reset();

        Assert.Null(image.Slot.Meant);
    }

    [Fact]
    public void Machines_that_two_threads_step_at_once_do_not_meet()
    {
        MachineImage image = Boot();
        Machine[] machines = [new Machine(image), new Machine(image)];
        using var together = new Barrier(machines.Length);
        Thread[] threads = [.. machines.Select(machine => new Thread(() => Step(machine, together)))];
        foreach (Thread thread in threads)
            thread.Start();

        foreach (Thread thread in threads)
            thread.Join();

        Assert.All(machines, machine => Assert.Equal(Turns, Turned(machine)));
    }

    private static void Step(Machine machine, Barrier together)
    {
        machine.Reset();
        together.SignalAndWait();
        machine.RunAlone(0);
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private static int Turned(Machine machine) =>
        machine.Memory[machine.Image.Regions.Single(region => region.Name == "turns").Start];

    private static MachineImage Boot() => SmallMachine.Boot(1, boot =>
    {
        var turns = Shared<SimulatedKernel>.Create(boot, "turns", Protection.None);
        boot.Spawn("counter", () => Count(turns));
    });

    private static async KernelTask Count(Shared<SimulatedKernel> turns)
    {
        for (int turn = 0; turn < Turns; turn++)
        {
            await turns.ReadOnce();
            turns.Value++;
        }
    }
}
