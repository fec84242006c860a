using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Minimization;

/// <summary>Endless runs made smaller.</summary>
[KernelObject]
public sealed class LoopShrinkingTests
{
    private Shared<SimulatedKernel> _never;
    private Shared<SimulatedKernel> _counter;

    [Fact]
    public void A_livelock_is_reduced_to_the_shortest_way_into_its_loop_and_once_round_for_everybody_in_it()
    {
        // Tasks 0 and 1 wait for what never comes, and task 2 must have made its two steps before they are alone.
        Transition[] given = Steps(0, 1, 1, 2, 0, 2, 1, /* the loop */ 0, 0, 1, 0, 1, 1);

        MinimizationReport report = Minimize(given, loop: 6)!;

        Assert.Equal(2, report.Loop);
        Assert.Equal("2 2", string.Join(' ', report.Smallest.Schedule[..2]));
        Assert.Equal("0 1", string.Join(' ', report.Smallest.Schedule[2..].Select(each => $"{each}").Order()));
        Assert.False(report.IsProved);
        Assert.Null(report.NoReturn);
        Assert.True(new Replay(new Machine(Boot())).Run(
            report.Smallest.Schedule, FailureClass.Livelock, report.Loop).Reproduced);
    }

    [Fact]
    public void What_is_as_short_as_can_be_stays_as_it_is()
    {
        Transition[] given = Steps(2, 2, 1, 0);

        Assert.Equal(given, Minimize(given, loop: 2)!.Smallest.Schedule);
    }

    [Fact]
    public void A_loop_that_leaves_somebody_out_shows_nothing_and_has_no_smallest_form()
    {
        Assert.Null(Minimize(Steps(2, 2, 0, 0), loop: 2)); // Task 1 could run on it.
        Assert.Null(Minimize(Steps(0, 1), loop: 2)); // Task 2 could.
        Assert.Null(Minimize(Steps(2, 2, 2), loop: 1)); // It cannot be followed.
    }

    [Fact]
    public void Where_the_limits_are_too_low_the_given_run_stays()
    {
        Transition[] given = Steps(0, 1, 2, 2, /* the loop */ 0, 0, 1);

        Assert.Equal(given, Minimize(given, loop: 3, new MinimizerOptions { StatesMax = 1 })!.Smallest.Schedule);
    }

    private MinimizationReport? Minimize(Transition[] schedule, int loop, MinimizerOptions? options = null) =>
        new Minimizer(Boot, FailureClass.Livelock, options ?? new MinimizerOptions()).RunLoop(
            schedule, loop, TestContext.Current.CancellationToken);

    private static Transition[] Steps(params int[] tasks) => [.. tasks.Select(Transition.Step)];

    private MachineImage Boot() => SmallMachine.Boot(3, boot =>
    {
        _never = Shared<SimulatedKernel>.Create(boot, "never", guard: -1);
        _counter = Shared<SimulatedKernel>.Create(boot, "counter", guard: -1);
        boot.Spawn("waiter", Wait);
        boot.Spawn("waiter", Wait);
        boot.Spawn("counter", Count);
    });

    private async KernelTask Wait()
    {
        int seen = 0;
        while (seen == 0)
            seen = await _never.ReadOnce();
    }

    private async KernelTask Count()
    {
        await _counter.FetchAdd(1);
        await _counter.FetchAdd(1);
    }
}
