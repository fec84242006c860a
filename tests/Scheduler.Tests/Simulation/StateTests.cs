using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>A machine's memory and the tops of its stacks are a state, to which it can go back.</summary>
public sealed class StateTests
{
    private SharedArray<SimulatedKernel> _words;

    [Fact]
    public void A_machine_that_goes_back_can_take_another_way()
    {
        Machine machine = Boot().Started(copyOnResume: true);
        machine.Step(0);
        var state = new SavedState(machine);

        machine.RunAlone(0, 1);
        int[] oneEnd = Words(machine);
        state.Restore();
        machine.RunAlone(1, 0);

        Assert.Equal([2, 0], oneEnd);
        Assert.Equal([2, 1], Words(machine));
    }

    [Fact]
    public void A_state_that_was_gone_back_to_has_the_hash_that_it_had()
    {
        Machine machine = Boot().Started(copyOnResume: true);
        machine.Step(0, 1);
        UInt128 hash = machine.StateHash();
        var state = new SavedState(machine);
        machine.RunAlone(1, 0);
        Assert.NotEqual(hash, machine.StateHash());
        state.Restore();
        Assert.Equal(hash, machine.StateHash());
    }

    [Fact]
    public void Independent_steps_lead_to_the_same_state_in_either_order()
    {
        MachineImage image = BootIndependent();
        Machine one = image.Started();
        Machine other = image.Started(copyOnResume: true);
        one.Step(0, 1);
        other.Step(1, 0);
        Assert.Equal(one.StateHash(), other.StateHash());
        one.Step(0, 1);
        other.Step(0);
        Assert.NotEqual(one.StateHash(), other.StateHash());
        other.Step(1);
        Assert.Equal(one.StateHash(), other.StateHash());
    }

    [Fact]
    public void Dependent_steps_lead_to_different_states()
    {
        MachineImage image = Boot();
        Machine one = image.Started();
        Machine other = image.Started();
        one.Step(0, 1);
        other.Step(1, 0);
        Assert.NotEqual(one.StateHash(), other.StateHash());
    }

    [Fact]
    public void A_reset_machine_is_in_its_first_state_again()
    {
        Machine machine = Boot().Started();
        UInt128 first = machine.StateHash();
        machine.RunToEnd();
        Assert.NotEqual(first, machine.StateHash());
        machine.Reset();
        Assert.Equal(first, machine.StateHash());
    }

    private int[] Words(Machine machine) => machine.Memory[_words.Address..(_words.Address + _words.Length)];

    // Task 0 adds twice to the first word; task 1 reads it, and adds to the second word if it was 1.
    private MachineImage Boot() => Boot(
        async () =>
        {
            await _words.FetchAdd(0, 1);
            await _words.FetchAdd(0, 1);
        },
        async () =>
        {
            int seen = await _words.ReadOnce(0);
            if (seen == 1)
                await _words.FetchAdd(1, 1);
            else if (seen == 2)
                await _words.FetchAdd(1, 0);
        });

    private MachineImage BootIndependent() => Boot(() => AddTwice(0), () => AddTwice(1));

    private MachineImage Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(bodies.Length, boot =>
    {
        _words = SharedArray<SimulatedKernel>.Create(boot, "words", 2, guard: -1);
        foreach (Func<KernelTask> body in bodies)
            boot.Spawn("test", body);
    });

    private async KernelTask AddTwice(int word)
    {
        int before = await _words.FetchAdd(word, 1);
        await _words.FetchAdd(word, before + 1);
    }
}
