using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>Machines with so many tasks that what is ready is kept in sets of bits.</summary>
public sealed class LargeMachineTests
{
    private const int Tasks = 150;
    private const int Far = 1_200; // More than the caches of a CPU are taken to hold.
    private const ulong Seed = 1;

    [Theory]
    [InlineData(Tasks)]
    [InlineData(12)] // Where a list would do as well.
    public void What_is_enabled_is_what_is_ready_at_every_step(int tasks)
    {
        Machine machine = Boot(tasks).Started();
        Assert.True(machine.CanCountEnabled);
        var random = new Pcg32(Seed, 1);
        int longest = 0;
        for (int step = 0; ; step++)
        {
            Transition[] expected = [.. Enumerable.Range(0, tasks).SelectMany(task => EnabledOf(machine, task))];
            int count = machine.CountEnabled();
            Assert.Equal(expected, Enumerable.Range(0, count).Select(machine.EnabledAt));
            Assert.Equal(expected, machine.Enabled().ToArray());
            if (count == 0)
                break;

            longest = Math.Max(longest, count);
            machine.Perform(expected[random.Next(count)]);
        }

        Assert.True(longest > tasks, "nobody has stood before a choice");
        Assert.All(Enumerable.Range(0, tasks), task =>
            Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(task)));
    }

    [Fact]
    public void So_it_is_after_going_back_to_a_state()
    {
        Machine machine = Boot().Started(copyOnResume: true);
        machine.Perform(Transition.Choose(1, 0));
        machine.Perform(Transition.Choose(2, 1));
        var saved = new SavedState(machine);
        Transition[] before = machine.Enabled().ToArray();
        machine.RunAlone(1);
        Assert.NotEqual(before, machine.Enabled().ToArray());

        saved.Restore();

        Assert.Equal(before, machine.Enabled().ToArray());
    }

    [Theory]
    [InlineData(12)]
    [InlineData(Tasks)]
    [InlineData(Far)] // Where who counts brings contexts near as well.
    public void An_execution_is_the_same_for_a_strategy_that_looks_at_all_and_for_one_that_only_counts(int tasks)
    {
        Transition[] counted = Run(new RandomWalkStrategy(Seed));
        Transition[] seen = Run(new LookingWalk());

        Assert.Equal(counted, seen);

        Transition[] Run(SearchStrategy strategy)
        {
            var execution = new Execution(new Machine(Boot(tasks)));
            execution.Run(strategy, 1);
            return execution.Schedule.ToArray();
        }
    }

    [Fact]
    public void Who_is_brought_near_is_mostly_who_steps_next()
    {
        Machine machine = Boot(Far).Started();
        var random = new Pcg32(Seed, 1);
        int foreseen = -1;
        int told = 0;
        int right = 0;
        for (int count = machine.CountEnabled(); count > 0; count = machine.CountEnabled())
        {
            Transition next = machine.EnabledAt(random.Next(count));
            told += foreseen >= 0 ? 1 : 0;
            right += foreseen == next.Subject ? 1 : 0;
            Pcg32 copy = random;
            foreseen = machine.Prepare(next, copy.NextUInt32());
            machine.Perform(next);
        }

        Assert.InRange(told, Far, int.MaxValue);
        Assert.InRange(right, told / 2, told);
    }

    [Fact]
    public void A_machine_that_has_run_begins_again_like_a_new_one()
    {
        MachineImage image = BootPaging().Image;
        int[] expected = [.. image.Started().Memory];
        Machine machine = image.Started();
        Fill(machine);
        Assert.NotEqual(expected, machine.Memory);

        machine.Reset();

        Assert.Equal(expected, machine.Memory);
    }

    [Fact]
    public void So_does_one_that_has_gone_back_to_a_state()
    {
        MachineImage image = BootPaging().Image;
        int[] expected = [.. image.Started(copyOnResume: true).Memory];
        Machine machine = image.Started(copyOnResume: true);
        Fill(machine);
        var full = new SavedState(machine);
        machine.RunAlone(0);
        full.Restore();

        machine.Reset();

        Assert.Equal(expected, machine.Memory);
    }

    [Fact]
    public void A_flush_of_all_TLBs_empties_each_of_them()
    {
        PagedMachine paged = BootPaging();
        Fill(paged.Machine);

        paged.Machine.RunAlone(0);

        Assert.All(Enumerable.Range(0, Tasks), cpu => Assert.True(paged.Machine.Mmu.Cached(cpu, 0).IsNone));
    }

    [Fact]
    public void So_it_does_after_going_back_to_a_state_in_which_they_were_full()
    {
        Machine machine = BootPaging().Image.Started(copyOnResume: true);
        Fill(machine);
        var full = new SavedState(machine);
        machine.RunAlone(0);
        Assert.False(machine.Mmu.IsCached(0));

        full.Restore();
        Assert.True(machine.Mmu.IsCached(0));
        machine.RunAlone(0);

        Assert.False(machine.Mmu.IsCached(0));
    }

    [Fact]
    public void More_contexts_than_a_transition_can_name_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SmallMachine.Boot(Transition.MaxContexts + 1, _ => { }));

    private static IEnumerable<Transition> EnabledOf(Machine machine, int task)
    {
        if (!machine.IsReady(task))
            return [];

        Operation pending = machine.Tasks.Pending(task);
        return pending.Kind == OperationKind.Choose
            ? Enumerable.Range(0, pending.Argument).Select(outcome => Transition.Choose(task, outcome))
            : [Transition.Step(task)];
    }

    /// <summary>
    /// All but the first load through one page table entry; the first maps it, and flushes at the end.
    /// </summary>
    private static PagedMachine BootPaging() => new([], [MapAndFlush, .. Enumerable.Repeat(Load, Tasks - 1)]);

    private static async KernelTask MapAndFlush(PagedMachine machine)
    {
        machine.Map(0, 1);
        await machine.Stop();
        await machine.FlushAll();
    }

    private static async KernelTask Load(PagedMachine machine) => await machine.Load(0, 1);

    private static void Fill(Machine machine)
    {
        for (int task = 1; task < Tasks; task++)
            machine.RunAlone(task);

        Assert.Equal(Tasks - 1, Enumerable.Range(0, Tasks).Count(cpu => !machine.Mmu.Cached(cpu, 0).IsNone));
    }

    private static MachineImage Boot(int tasks = Tasks) => SmallMachine.Boot(tasks, boot =>
    {
        var one = SpinLock<SimulatedKernel>.Create(boot, "one");
        var other = SpinLock<SimulatedKernel>.Create(boot, "other");
        var done = Shared<SimulatedKernel>.Create(boot, "done", Protection.Marked);
        for (int task = 0; task < tasks; task++)
            boot.Spawn("worker", task == 0 ? () => Last(done, tasks) : () => Worker(boot.Kernel, one, other, done));
    });

    private static async KernelTask Worker(
        SimulatedKernel kernel,
        SpinLock<SimulatedKernel> one,
        SpinLock<SimulatedKernel> other,
        Shared<SimulatedKernel> done)
    {
        SpinLock<SimulatedKernel> chosen = await kernel.Choose(3) == 0 ? one : other;
        await chosen.Acquire();
        await done.FetchAdd(1);
        await chosen.Release();
    }

    private static async KernelTask Last(Shared<SimulatedKernel> done, int tasks) => await done.Await(tasks - 1);

    /// <summary>A random walk that looks at the list.</summary>
    private sealed class LookingWalk : SearchStrategy
    {
        private Pcg32 _random;

        public override string Name => "looking";

        public override void Begin(long execution) => _random = new Pcg32(Seed, (ulong)execution);

        public override int Choose(in SchedulingPoint point) =>
            point.Enabled.Length == 1 ? 0 : _random.Next(point.Enabled.Length);
    }
}
