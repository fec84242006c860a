using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>
/// Whatever stands still, or runs without getting on, is told apart: where every task has a CPU, where they share one,
/// and where interrupts come.
/// </summary>
public sealed class StuckStateTests
{
    private static readonly MachineOptions s_own = new();
    private static readonly MachineOptions s_shared = new() { Cpus = 1 };
    private static readonly MachineOptions s_unpreempted = new() { Cpus = 1, Preempt = false };

    private readonly StuckTasks _stuck = new();

    public static TheoryData<string> Machines => ["own", "shared", "interrupts"];

    [Theory]
    [InlineData("own")]
    [InlineData("interrupts")]
    public void Two_locks_in_opposite_orders_are_a_cycle_which_is_named(string machine)
    {
        Finding finding = Find(machine, _stuck.TakeBoth, _stuck.TakeBothTheOtherWay)!;

        Assert.Equal(FailureClass.Deadlock, finding.Class);
        Assert.Contains("2 of 2 tasks can never run again: lock cycle\n", finding.Message, StringComparison.Ordinal);
        Assert.Contains(
            "the cycle: task 0 wants b, which task 1 holds; task 1 wants a, which task 0 holds",
            finding.Message,
            StringComparison.Ordinal);
        Assert.Contains("\n    holds a", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_that_wants_the_lock_of_the_task_below_it_is_a_cycle()
    {
        MachineImage image = Boot(s_own, [_stuck.TakeBoth], interrupt: _stuck.TakeBoth);

        Finding finding = Explore(image)!;

        Assert.Equal(FailureClass.Deadlock, finding.Class);
        Assert.Contains("lock cycle", finding.FirstLine, StringComparison.Ordinal);
        Assert.Contains(
            "task 0 is interrupted on CPU 0, where irq on CPU 0 stands with interrupts off; "
            + "irq on CPU 0 wants a, which task 0 holds",
            finding.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Who_spins_on_the_only_CPU_for_the_lock_of_one_who_waits_for_it_is_in_a_cycle()
    {
        MachineImage image = Boot(s_unpreempted, [YieldWithLock, _stuck.TakeBoth]);

        Finding finding = Explore(image)!;

        Assert.Equal(FailureClass.Deadlock, finding.Class);
        Assert.Contains("lock cycle", finding.FirstLine, StringComparison.Ordinal);
        Assert.Contains(
            "task 0 waits for CPU 0, on which task 1 stands; task 1 wants a, which task 0 holds",
            finding.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_lock_that_somebody_has_kept_is_no_cycle(string machine)
    {
        Finding finding = Find(machine, async () => await _stuck.A.Acquire(), _stuck.TakeBoth)!;

        Assert.Equal(FailureClass.Deadlock, finding.Class);
        Assert.Contains("lock not given back, task 0 has ended with a", finding.FirstLine, StringComparison.Ordinal);
        Assert.DoesNotContain("the cycle", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_wait_for_what_does_not_come_is_no_lost_wake_up(string machine)
    {
        Finding finding = Find(machine, _stuck.SleepUntilFlag, End)!;

        Assert.Equal(FailureClass.Deadlock, finding.Class);
        Assert.Equal("1 of 2 tasks can never run again: unsatisfied wait", finding.FirstLine);
        Assert.Contains("task 0 asleep (Uninterruptible) on queue", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_sleeper_beside_what_it_waits_for_has_lost_its_wake_up(string machine)
    {
        Finding finding = Find(machine, _stuck.SleepUntilFlag, _stuck.SetWithoutWaking)!;

        Assert.Equal(FailureClass.LostWakeup, finding.Class);
        Assert.Contains("woken by hand, task 0 gets what it waits for", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sleeper_that_would_get_no_CPU_if_it_was_woken_has_lost_nothing()
    {
        // Whoever is woken waits for the CPU on which the other one spins for ever.
        MachineImage image = Boot(s_unpreempted, [SleepWithLock, _stuck.TakeBoth]);

        AssertStuck(FailureClass.Deadlock, "2 of 2 tasks", image);
    }

    [Fact]
    public void A_sleeper_whose_lock_a_handler_spins_for_has_lost_nothing()
    {
        MachineImage image = Boot(s_own, [SleepWithLock, SpinForFlag], interrupt: _stuck.TakeBoth);

        AssertStuck(FailureClass.Deadlock, "2 of 2 tasks", image);
    }

    [Fact]
    public void A_lost_wake_up_behind_somebody_who_can_be_preempted_is_one()
    {
        MachineImage image = Boot(s_shared, [_stuck.SleepUntilFlag, _stuck.SetWithoutWaking, WaitForOther]);

        Assert.Equal(FailureClass.LostWakeup, Explore(image)!.Class);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_loop_on_which_nobody_gets_on_is_a_livelock(string machine) =>
        Assert.Equal(FailureClass.Livelock, Find(machine, SpinForFlag, End)!.Class);

    /// <summary>Wherever tasks are stuck like this it is of this class, and somewhere they are.</summary>
    private static void AssertStuck(FailureClass failure, string headline, MachineImage image)
    {
        var execution = new Execution(new Machine(image), stepsMax: 200);
        var strategy = new RandomWalkStrategy(1);
        var classes = new SortedSet<FailureClass>();
        for (int number = 1; number <= 500; number++)
        {
            execution.Run(strategy, number);
            if (execution.Finding is { } finding && finding.Message.StartsWith(headline, StringComparison.Ordinal))
                classes.Add(finding.Class);
        }

        Assert.Equal([failure], classes);
    }

    private Finding? Find(string machine, params Func<KernelTask>[] tasks) => Explore(machine switch
    {
        "own" => Boot(s_own, tasks),
        "shared" => Boot(s_shared, tasks),
        _ => Boot(s_own, tasks, interrupt: End),
    });

    private static Finding? Explore(MachineImage image) =>
        new Explorer(image, () => new RandomWalkStrategy(1), new ExplorerOptions { Executions = 2000 }).Run().First
            ?.Finding;

    private MachineImage Boot(MachineOptions options, Func<KernelTask>[] tasks, Func<KernelTask>? interrupt = null) =>
        MachineBuilder.Boot(
            tasks.Length,
            interrupt is null ? 0 : 1,
            options with { ChecksLocks = false },
            [new DeadlockDetector()],
            boot =>
            {
                _stuck.Lay(boot);
                foreach (Func<KernelTask> task in tasks)
                    boot.Spawn("test", task);

                if (interrupt is not null)
                    boot.AttachInterrupt("irq", InterruptKind.Hard, limit: 2, interrupt);
            });

    private async KernelTask YieldWithLock()
    {
        await _stuck.A.Acquire();
        await _stuck.Kernel.Schedule();
        await _stuck.A.Release();
    }

    private async KernelTask SleepWithLock()
    {
        await _stuck.A.Acquire();
        await _stuck.SleepUntilFlag();
        await _stuck.A.Release();
    }

    private async KernelTask WaitForOther() => await _stuck.Flag.Await(2);

    private async KernelTask SpinForFlag()
    {
        while (await _stuck.Flag.ReadOnce() == 0)
        {
        }
    }

    private async KernelTask End() => await _stuck.Kernel.InterruptWindow();
}
