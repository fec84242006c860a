using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>A choice is a transition for each of its outcomes, on every machine.</summary>
public sealed class ChoiceTests
{
    private static readonly MachineOptions[] s_machines =
    [
        new(),
        new() { Fusion = true },
        new() { Cpus = 1 },
        new() { Cpus = 2, Preempt = false },
    ];

    public static TheoryData<int> Machines => [.. Enumerable.Range(0, s_machines.Length)];

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_choice_is_offered_outcome_by_outcome_and_yields_the_one_that_is_taken(int options)
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot => boot.Spawn("test", () => Chooser(boot.Kernel, 3)),
            s_machines[options]);
        for (int outcome = 0; outcome < 3; outcome++)
        {
            Machine machine = image.Started();
            if (image.Options.Cpus > 0)
                machine.Perform(Transition.Dispatch(0, 0));

            Assert.Equal(
                [Transition.Choose(0, 0), Transition.Choose(0, 1), Transition.Choose(0, 2)],
                machine.Enabled().ToArray());

            machine.Perform(Transition.Choose(0, outcome));

            machine.Finding.AssertFound(FailureClass.Assertion, $"chose {outcome}");
        }
    }

    [Fact]
    public void The_most_outcomes_that_a_transition_can_name_are_offered_to_many_tasks_at_once()
    {
        const int Tasks = 1000;
        MachineImage image = SmallMachine.Boot(Tasks, boot =>
        {
            for (int task = 0; task < Tasks; task++)
                boot.Spawn("test", () => Chooser(boot.Kernel, Transition.MaxOutcomes));
        });

        Assert.Equal(Tasks * Transition.MaxOutcomes, image.Started().Enabled().Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void A_choice_of_none_or_of_too_many_is_refused(int outcomes)
    {
        MachineImage image = SmallMachine.Boot(1, boot => boot.Spawn("test", () => Chooser(boot.Kernel, outcomes)));

        image.Started().Finding.AssertFound(FailureClass.BugOn, "outcomes");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_proof_tries_every_outcome_of_every_task(bool fusion)
    {
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            SharedArray<SimulatedKernel> chosen = SharedArray<SimulatedKernel>.Create(
                boot,
                "chosen",
                2,
                guard: -1,
                index: IndexSort.Task);
            boot.Spawn("test", () => Keep(boot.Kernel, chosen, 0));
            boot.Spawn("test", () => Keep(boot.Kernel, chosen, 1));
        });

        VerificationReport report = new Verifier(image, new VerifierOptions { Fusion = fusion, CountAll = true }).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal((Verdict.VerifiedSafety, 9L), (report.Verdict, report.FinalStates));
    }

    [Fact]
    public void What_a_proof_finds_behind_a_choice_runs_again_on_a_machine_that_does_not_fuse()
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot =>
            {
                SpinLock<SimulatedKernel> spinLock = SpinLock<SimulatedKernel>.Create(boot, "lock");
                boot.Spawn("test", () => ChooseUnderLock(boot.Kernel, spinLock));
            });

        Counterexample found = new Verifier(image, new VerifierOptions { Fusion = true, ShortestWay = false })
            .Run(TestContext.Current.CancellationToken)
            .Counterexample!;

        Assert.True(found.FusedLength < found.Schedule.Length, "nothing was fused");
        Assert.Contains(Transition.Choose(0, 1), found.Schedule);
        Assert.True(new Replay(new Machine(image)).Run(found.Schedule, FailureClass.Assertion).Reproduced);
    }

    [Fact]
    public void A_trace_tells_what_was_chosen()
    {
        MachineImage image = SmallMachine.Boot(1, boot => boot.Spawn("test", () => Chooser(boot.Kernel, 2)));

        ExecutionTrace trace = ExecutionTrace.Record(
            new Machine(image),
            [Transition.Choose(0, 1)],
            FailureClass.Assertion);

        TraceOperation choice = Assert.Single(trace.Steps).Operations[0];
        Assert.Equal(("chooser", "chooses 1 of 0..1"), (choice.Function, choice.Text));
    }

    [Fact]
    public void Enumeration_counts_each_outcome_as_an_execution_and_a_trace_of_its_own()
    {
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            boot.Spawn("test", () => JustChoose(boot.Kernel, 2));
            boot.Spawn("test", () => JustChoose(boot.Kernel, 3));
        });
        var enumeration = new DepthFirstEnumeration(image, prunes: false);

        Assert.True(enumeration.Run(1000, TestContext.Current.CancellationToken));

        Assert.Equal((12L, 6), (enumeration.Executions, enumeration.Traces.Count));
        Assert.All(enumeration.Traces, trace => Assert.Equal(0, trace.Preemptions));
    }

    [Fact]
    public void Going_on_with_the_same_task_is_no_preemption_whatever_it_chooses()
    {
        Transition[] enabled = [Transition.Choose(0, 0), Transition.Choose(0, 1), Transition.Step(1)];
        LastRunner first = LastRunner.Nobody.After(Transition.Step(0));

        Assert.False(first.IsPreemptedBy(Transition.Choose(0, 1), enabled));
        Assert.True(first.IsPreemptedBy(Transition.Step(1), enabled));
        Assert.True(first.IsPreemptedBy(Transition.Choose(1, 0), [Transition.Step(0), Transition.Choose(1, 0)]));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    public void Rounds_that_are_counted_stop_nobody(int rounds, int begun)
    {
        var left = new RoundsLeft(rounds);
        for (int round = 1; round < begun; round++)
            Assert.True(NextAtOnce(ref left));

        Assert.Equal(rounds == ScenarioSize.Forever, NextAtOnce(ref left));
    }

    [Fact]
    public void A_scenario_that_does_not_await_its_rounds_cannot_be_given_any() =>
        Assert.Throws<UsageException>(() => new RoundsLeft(ScenarioSize.AnyRounds).Next());

    private static bool NextAtOnce(ref RoundsLeft left)
    {
        KernelStep<bool> step = left.Next(default(SimulatedKernel));
        Assert.True(step.IsCompleted, "it stops");
        return step.GetResult();
    }

    private static async KernelTask Chooser(SimulatedKernel kernel, int outcomes)
    {
        int outcome = await kernel.Choose(outcomes);
        kernel.Fail(FailureClass.Assertion, $"chose {outcome}");
    }

    private static async KernelTask JustChoose(SimulatedKernel kernel, int outcomes) => await kernel.Choose(outcomes);

    private static async KernelTask Keep(SimulatedKernel kernel, SharedArray<SimulatedKernel> chosen, int task)
    {
        int outcome = await kernel.Choose(3);
        chosen[task] = outcome;
    }

    private static async KernelTask ChooseUnderLock(SimulatedKernel kernel, SpinLock<SimulatedKernel> spinLock)
    {
        await spinLock.Acquire();
        int outcome = await kernel.Choose(2);
        await spinLock.Release();
        await spinLock.Acquire();
        if (outcome == 1)
            kernel.Fail(FailureClass.Assertion, "it chose 1");

        await spinLock.Release();
    }
}
