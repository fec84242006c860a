using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>One loop runs transitions, whoever picks them.</summary>
public sealed class ExecutionTests
{
    private Shared<SimulatedKernel> _word;

    [Fact]
    public void Preemptions_are_counted_on_the_way()
    {
        // Task 0 is left twice while it could go on, and once when it has ended.
        var counter = new PreemptionCounter();
        var execution = new Execution(new Machine(Boot(3, steps: 2)), observers: counter);

        Assert.True(execution.Follow(Steps(0, 1, 1, 2, 0, 2)));
        Assert.Equal(2, counter.Preemptions); // 0 to 1, 2 to 0.
    }

    [Fact]
    public void The_preemptions_of_a_livelock_are_those_of_its_schedule()
    {
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            for (int task = 0; task < 2; task++)
                boot.Spawn("spinner", Spin);
        });
        var counter = new PreemptionCounter();
        var execution = new Execution(new Machine(image), stepsMax: 100_000, counter);
        execution.Run(new RandomWalkStrategy(1), execution: 1);
        Assert.NotNull(execution.Finding);
        var again = new PreemptionCounter();
        new Execution(new Machine(image), observers: again).Follow(new ReplayStrategy(execution.Schedule));

        Assert.Equal(again.Preemptions, counter.Preemptions);
        Assert.True(execution.Steps < 100 && counter.Preemptions > 0);
    }

    [Fact]
    public void A_strict_replay_ends_at_the_first_transition_that_is_not_enabled()
    {
        ReplayStrategy schedule = Steps(0, 0, 0, 1);
        var execution = new Execution(new Machine(Boot(2, steps: 2)));

        Assert.False(execution.Follow(schedule));
        Assert.Equal((2, Transition.Step(0)), (schedule.Position, schedule.Next));
        Assert.Equal("0 0", TextOf(execution));
    }

    [Fact]
    public void A_tolerant_replay_leaves_out_what_is_not_enabled()
    {
        ReplayStrategy schedule = Steps(isTolerant: true, 0, 0, 0, 1, 0, 1, 1);
        var execution = new Execution(new Machine(Boot(2, steps: 2)));

        Assert.False(execution.Follow(schedule)); // The machine has ended; the last 1 was not asked for.
        Assert.Equal(2, schedule.Skipped);
        Assert.Equal("0 0 1 1", TextOf(execution));
    }

    [Fact]
    public void A_replay_strategy_takes_one_schedule_after_the_other()
    {
        ReplayStrategy schedule = Steps(0, 0, 1, 1);
        var execution = new Execution(new Machine(Boot(2, steps: 2)));
        execution.Follow(schedule);
        schedule.Load([Transition.Step(1)]);

        Assert.True(execution.Follow(schedule));
        Assert.Equal("1", TextOf(execution));
    }

    [Fact]
    public void Observers_are_told_of_each_step_before_and_after()
    {
        var log = new Log();
        var execution = new Execution(new Machine(Boot(2, steps: 1)), observers: log);
        execution.Follow(Steps(1, 0));

        Assert.Equal("begin; 1 of 2; 0 done; 0 of 1; 1 done", string.Join("; ", log.Lines));
    }

    private static ReplayStrategy Steps(params ReadOnlySpan<int> tasks) => Steps(isTolerant: false, tasks);

    private static ReplayStrategy Steps(bool isTolerant, params ReadOnlySpan<int> tasks)
    {
        var schedule = new Transition[tasks.Length];
        for (int i = 0; i < tasks.Length; i++)
            schedule[i] = Transition.Step(tasks[i]);

        return new ReplayStrategy(schedule, isTolerant);
    }

    private static string TextOf(Execution execution) => string.Join(' ', execution.Schedule.ToArray());

    private MachineImage Boot(int tasks, int steps) => SmallMachine.Boot(tasks, boot =>
    {
        _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        for (int task = 0; task < tasks; task++)
            boot.Spawn("test", () => Add(steps));
    });

    private async KernelTask Add(int steps)
    {
        for (int i = 0; i < steps; i++)
            await _word.FetchAdd(1);
    }

    private async KernelTask Spin()
    {
        while (true)
            await _word.ReadOnce();
    }

    private sealed class Log : IExecutionObserver
    {
        internal List<string> Lines { get; } = [];

        public void OnBegin(Machine machine) => Lines.Add("begin");

        public void OnChosen(in SchedulingPoint point, Transition choice) =>
            Lines.Add($"{choice} of {point.Enabled.Length}");

        public void OnPerformed(Machine machine, int step, Transition choice) => Lines.Add($"{step} done");
    }
}
