using CsCheck;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>
/// Which executions are the same trace, counted by hand for two tasks of two steps: 6 executions in all.
/// </summary>
public sealed class DepthFirstEnumerationTests
{
    private SharedArray<SimulatedKernel> _words;
    private SpinLock<SimulatedKernel> _a;
    private SpinLock<SimulatedKernel> _b;

    [Fact]
    public void Tasks_that_touch_different_words_make_one_trace() =>
        Assert.Equal((6, 1), Count(() => AddTwice(0), () => AddTwice(1)));

    [Fact]
    public void Tasks_that_only_read_the_same_word_make_one_trace() =>
        Assert.Equal((6, 1), Count(ReadTwice, ReadTwice));

    [Fact]
    public void Tasks_that_write_the_same_word_make_a_trace_per_execution() =>
        Assert.Equal((6, 6), Count(() => AddTwice(0), () => AddTwice(0)));

    [Fact]
    public void A_reader_and_a_writer_differ_by_what_each_read_sees() =>
        Assert.Equal((6, 6), Count(ReadTwice, () => AddTwice(0))); // 00 01 02 11 12 22.

    [Fact]
    public void Two_sections_of_one_lock_make_two_traces() => Assert.Equal((2, 2), Count(TakeA, TakeA));

    [Fact]
    public void Locks_in_opposite_orders_make_one_trace_that_deadlocks()
    {
        DepthFirstEnumeration all = Enumerate(TakeAThenB, TakeBThenA);
        CompleteTrace deadlock = Assert.Single(all.Traces, trace => trace.IsDeadlock);
        Assert.Equal(1, deadlock.Preemptions); // Away from the first task, between its two locks.
    }

    [Fact]
    public void Tasks_that_run_one_after_the_other_need_no_preemption() =>
        Assert.All(Enumerate(TakeA, TakeA).Traces, trace => Assert.Equal(0, trace.Preemptions));

    [Fact]
    public void An_enumeration_stops_at_its_limit() =>
        Assert.False(
            new DepthFirstEnumeration(Boot(() => AddTwice(0), () => AddTwice(0)), prunes: false).Run(
                5,
                TestContext.Current.CancellationToken));

    [Fact]
    public void A_machine_whose_traces_cannot_be_told_apart_is_refused()
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot => boot.Spawn("test", async () => await KernelStep.Done),
            new MachineOptions { Fusion = true });
        Assert.Throws<ArgumentException>(() => new DepthFirstEnumeration(image, prunes: false));
    }

    [Fact]
    public void On_one_CPU_each_way_to_share_it_is_a_trace()
    {
        // Whole tasks one after the other, or the second one dispatched before the first, or within it: the CPU does
        // one thing after another, so no two executions are equivalent.
        var all = new DepthFirstEnumeration(
            Boot(new MachineOptions { Cpus = 1, Preempt = false }, () => AddTwice(0), () => AddTwice(1)),
            prunes: false);

        Assert.True(all.Run(1000, TestContext.Current.CancellationToken));
        Assert.Equal((2, 2), (all.Executions, all.Traces.Count));
    }

    [Fact]
    public void On_CPUs_that_are_shared_tasks_that_touch_different_words_differ_by_who_is_where_only()
    {
        var all = new DepthFirstEnumeration(
            Boot(new MachineOptions { Cpus = 2, Preempt = false }, () => AddTwice(0), () => AddTwice(1)),
            prunes: false);

        Assert.True(all.Run(1_000_000, TestContext.Current.CancellationToken));
        Assert.True(all.Executions > all.Traces.Count * 3, $"{all.Traces.Count} of {all.Executions}");
    }

    [Fact]
    public void Pruning_finds_the_same_traces_with_fewer_executions()
    {
        int compared = 0;
        int pruned = 0;
        RandomProgram.Any.Sample(
            program =>
            {
                MachineImage image = program.Boot(new MachineOptions());
                var all = new DepthFirstEnumeration(image, prunes: false);
                if (!all.Run(1000, TestContext.Current.CancellationToken))
                    return;

                var fewer = new DepthFirstEnumeration(image, prunes: true);
                Assert.True(fewer.Run(all.Executions, TestContext.Current.CancellationToken));
                Assert.Equal(all.Traces.Count, fewer.Traces.Count);
                Assert.Equal(
                    all.Traces.Count(trace => trace.IsDeadlock),
                    fewer.Traces.Count(trace => trace.IsDeadlock));
                compared++;
                pruned += fewer.Executions < all.Executions ? 1 : 0;
            },
            iter: 100,
            threads: 1,
            print: program => $"{program}");
        Assert.True(
            compared > 10 && pruned > 5,
            $"only {compared} programs were small enough, and {pruned} of them pruned");
    }

    private (long Executions, int Traces) Count(params Func<KernelTask>[] bodies)
    {
        DepthFirstEnumeration all = Enumerate(bodies);
        return (all.Executions, all.Traces.Count);
    }

    private DepthFirstEnumeration Enumerate(params Func<KernelTask>[] bodies)
    {
        var all = new DepthFirstEnumeration(Boot(bodies), prunes: false);
        Assert.True(all.Run(1000, TestContext.Current.CancellationToken));
        return all;
    }

    private MachineImage Boot(params Func<KernelTask>[] bodies) => Boot(new MachineOptions(), bodies);

    private MachineImage Boot(MachineOptions options, params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _words = SharedArray<SimulatedKernel>.Create(boot, "words", 2, guard: -1);
            _a = SpinLock<SimulatedKernel>.Create(boot, "a");
            _b = SpinLock<SimulatedKernel>.Create(boot, "b");
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        options);

    private async KernelTask AddTwice(int word)
    {
        await _words.FetchAdd(word, 1);
        await _words.FetchAdd(word, 1);
    }

    private async KernelTask ReadTwice()
    {
        await _words.ReadOnce(0);
        await _words.ReadOnce(0);
    }

    private async KernelTask TakeA()
    {
        await _a.Acquire();
        await _a.Release();
    }

    private async KernelTask TakeAThenB()
    {
        await _a.Acquire();
        await _b.Acquire();
        await _b.Release();
        await _a.Release();
    }

    private async KernelTask TakeBThenA()
    {
        await _b.Acquire();
        await _a.Acquire();
        await _a.Release();
        await _b.Release();
    }
}
