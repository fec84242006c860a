using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>
/// The watch over fusion sees no step that is looked up: so it must have seen the same when that was recorded.
/// </summary>
public sealed class FusedStepTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)] // Nobody watches, so that it was made under a lock makes no difference.
    public void A_step_is_another_one_where_other_locks_are_held_if_fusion_is_watched(bool fuses)
    {
        var program = new MaybeLocked();
        Machine machine = Recorder(program.Boot().WithFusion(fuses));
        machine.Reset();
        program.GoToLook(machine);
        machine.Step(0);
        long misses = machine.Memo!.Misses;

        machine.Reset();
        machine.Step(1); // From now on no lock is taken.
        program.GoToLook(machine);
        long before = machine.Memo.Misses;
        machine.Step(0);

        Assert.True(misses > 0);
        Assert.Equal(fuses ? 1 : 0, machine.Memo.Misses - before);
    }

    [Fact]
    public void Who_stands_before_a_use_of_an_entry_that_a_step_writes_is_looked_at_each_time()
    {
        var paged = new PagedMachine(
            [],
            async paged =>
            {
                await paged.Stop();
                paged.Map(0, 1);
                await paged.Never();
            },
            async paged =>
            {
                await paged.Stop();
                await paged.Load(0, 1);
            });
        Machine machine = Recorder(paged.Image.WithFusion(true));
        machine.Reset();
        machine.Step(0, 1);
        Assert.Null(machine.Fusion.Watch!.Obstacle);

        machine.Reset();
        machine.Step(1);
        long found = machine.Memo!.Hits + machine.Memo.Checked;
        machine.Step(0);

        Assert.Equal(found, machine.Memo.Hits + machine.Memo.Checked);
        Assert.Contains("is about to use it", machine.Fusion.Watch.Obstacle, StringComparison.Ordinal);
    }

    private static Machine Recorder(MachineImage image) =>
        new(image, new FrameStore(comparesWhole: false), new MemoOptions(CheckEvery: int.MaxValue));

    /// <summary>
    /// A task that looks at a word, under a lock if it comes early enough; where it stands does not tell which.
    /// </summary>
    [KernelObject]
    private sealed class MaybeLocked
    {
        private SpinLock<SimulatedKernel> _lock;
        private Shared<SimulatedKernel> _flag;
        private Shared<SimulatedKernel> _first;
        private Shared<SimulatedKernel> _second;
        private Shared<SimulatedKernel> _seen;

        internal MachineImage Boot() => SmallMachine.Boot(2, boot =>
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _flag = Shared<SimulatedKernel>.Create(boot, "flag", guard: -1);
            _first = Shared<SimulatedKernel>.Create(boot, "first", guard: -1);
            _second = Shared<SimulatedKernel>.Create(boot, "second", guard: -1);
            _seen = Shared<SimulatedKernel>.Create(boot, "seen", guard: -1, role: RegionRole.Bookkeeping);
            boot.Spawn("test", Look);
            boot.Spawn("test", async () => await _flag.WriteOnce(1));
        });

        /// <summary>Lets the task come to where its next step looks.</summary>
        internal void GoToLook(Machine machine)
        {
            for (int steps = 0; machine.Tasks.Target(0) != _second.Address; steps++)
            {
                Assert.True(steps < 5, "it does not come there");
                machine.Step(0);
            }
        }

        private async KernelTask Look()
        {
            if (await _flag.ReadOnce() == 0)
            {
                await _lock.Acquire();
                await _first.ReadOnce();
            }

            await _second.ReadOnce();
            _ = _seen.Peek;
            await _first.ReadOnce();
        }
    }
}
