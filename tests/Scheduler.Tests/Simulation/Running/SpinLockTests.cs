using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>spin_lock: who holds it, who waits, and who misuses it.</summary>
public sealed class SpinLockTests
{
    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _counter;

    [Fact]
    public void A_lock_keeps_all_increments_in_every_execution()
    {
        MachineImage image = Boot(AddUnderLock, AddUnderLock, AddUnderLock);
        Assert.Equal(["3 "], EveryExecution.Outcomes(image, CounterAndFinding));
    }

    [Fact]
    public void Without_a_lock_an_increment_of_two_steps_gets_lost_in_some_executions()
    {
        MachineImage image = Boot(AddInTwoSteps, AddInTwoSteps);
        Assert.Equal(["1 ", "2 "], EveryExecution.Outcomes(image, CounterAndFinding));
    }

    [Fact]
    public void An_unmarked_access_without_the_lock_is_a_data_race()
    {
        Machine machine = Boot(AddUnderLock, AddWithoutLock).Started();
        machine.Step(0);
        machine.Step(1);
        machine.Finding.AssertFound(
            FailureClass.DataRace,
            "task 1 accesses counter without lock, which task 0 holds",
            "add_without_lock");
    }

    [Fact]
    public void Who_waits_for_a_lock_can_go_on_only_when_it_is_free()
    {
        Machine machine = Boot(AddUnderLock, AddUnderLock, AddUnderLock).Started();
        Assert.Equal([0, 1, 2], machine.EnabledTasks());
        machine.Step(1);
        Assert.Equal([1], machine.EnabledTasks());
        Assert.Equal(1, machine.HolderOf(_lock.Number));
        machine.Step(1);
        Assert.Equal([0, 2], machine.EnabledTasks()); // No tickets: either may be next.
        Assert.Equal(-1, machine.HolderOf(_lock.Number));
    }

    [Theory]
    [InlineData(LockRank.Inner, 31, "31 inner locks")]
    [InlineData(LockRank.Outer, 1023, "1023 locks")]
    public void More_locks_than_can_be_counted_are_refused(LockRank rank, int most, string message)
    {
        var locks = new SpinLock<SimulatedKernel>[most + 1];
        MachineImage image = SmallMachine.Boot(1, boot =>
        {
            for (int i = 0; i < locks.Length; i++)
                locks[i] = SpinLock<SimulatedKernel>.Create(boot, $"lock{i}", rank);

            boot.Spawn("test", async () =>
            {
                for (int i = 0; i < locks.Length; i++)
                    await locks[i].Acquire();
            });
        });

        KernelMisuseException refusal = Assert.Throws<KernelMisuseException>(() => image.Started().RunAlone(0));

        Assert.Contains($"task 0 takes lock{most} while it holds {message}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Releasing_a_lock_that_another_holds_is_found()
    {
        Machine machine = Boot(AddUnderLock, async () => await _lock.Release()).Started();
        machine.Step(0, 1);
        machine.Finding.AssertFound(FailureClass.LockMisuse, "task 1 releases lock, which task 0 holds");
        Assert.Equal(0, machine.HolderOf(_lock.Number));
    }

    [Fact]
    public void Releasing_a_lock_that_nobody_holds_is_found()
    {
        Machine machine = Boot(async () => await _lock.Release()).Started();
        machine.RunToEnd().Finding.AssertFound(FailureClass.LockMisuse, "task 0 releases lock, which nobody holds");
    }

    [Fact]
    public void Taking_ones_own_lock_again_is_found()
    {
        Machine machine = Boot(TakeTwice).Started();
        machine
            .RunToEnd()
            .Finding.AssertFound(
                FailureClass.LockMisuse,
                "task 0 takes lock, which it holds already: it spins for ever",
                "take_twice");
    }

    [Fact]
    public void A_lock_taken_twice_is_never_free_for_its_own_holder()
    {
        Machine machine = Boot(TakeTwice).Started();
        machine.Step(0);
        Assert.Empty(machine.EnabledTasks());
    }

    [Fact]
    public void Trylock_takes_a_free_lock_and_does_not_wait_for_a_held_one()
    {
        var got = new List<bool>();
        Machine machine = Boot(AddUnderLock, async () =>
        {
            bool isMine = await _lock.TryAcquire();
            got.Add(isMine);
            isMine = await _lock.TryAcquire();
            got.Add(isMine);
            await _lock.Release();
        }).Started();
        machine.Step(0);
        Assert.True(machine.IsEnabled(1));
        machine.Step(1);
        machine.RunAlone(0);
        machine.Step(1);
        Assert.Equal(1, machine.HolderOf(_lock.Number));
        machine.RunAlone(1);
        Assert.Equal([false, true], got);
        Assert.Null(machine.Finding);
    }

    [Fact]
    public void Trylock_of_ones_own_lock_fails_and_harms_nobody()
    {
        bool got = true;
        Machine machine = Boot(async () =>
        {
            await _lock.Acquire();
            got = await _lock.TryAcquire();
            await _lock.Release();
        }).Started();
        Assert.Null(machine.RunToEnd().Finding);
        Assert.False(got);
        Assert.Equal(-1, machine.HolderOf(_lock.Number));
    }

    [Fact]
    public void Spin_is_locked_sees_the_lock_whoever_holds_it()
    {
        var seen = new List<bool>();
        Machine machine = Boot(AddUnderLock, async () =>
        {
            await KernelStep.Done;
            seen.Add(_lock.IsLocked);
            await _counter.ReadOnce();
            seen.Add(_lock.IsLocked);
        }).Started();
        machine.Step(0, 1);
        Assert.Equal([false, true], seen);
    }

    private static string CounterAndFinding(Machine machine) =>
        $"{machine.Memory[machine.Image.Regions.Single(region => region.Name == "counter").Start]} "
        + $"{machine.Finding?.Message}";

    private MachineImage Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _counter = Shared<SimulatedKernel>.Create(boot, "counter", _lock.Number);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        });

    private async KernelTask AddUnderLock()
    {
        await _lock.Acquire();
        _counter.Value++;
        await _lock.Release();
    }

    private async KernelTask AddInTwoSteps()
    {
        int before = await _counter.ReadOnce();
        await _counter.WriteOnce(before + 1);
    }

    private async KernelTask AddWithoutLock()
    {
        await _counter.ReadOnce();
        _counter.Value++;
    }

    private async KernelTask TakeTwice()
    {
        await _lock.Acquire();
        await _lock.Acquire();
    }
}
