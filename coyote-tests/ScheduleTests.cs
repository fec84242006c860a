using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.CoyoteTests;

/// <summary>A schedule of one engine is a schedule of the other, step by step.</summary>
public sealed class ScheduleTests
{
    private const uint ExecutionsMax = 2000;
    private const uint Walks = 10;

    public static MatrixTheoryData<string, SchedulingPoints> ScenariosAndPoints { get; } = new(
        Trials.Names(Trials.Correct),
        [SchedulingPoints.None, SchedulingPoints.Observable, SchedulingPoints.All]);

    [Theory]
    [MemberData(nameof(FailureTests.Failures), MemberType = typeof(FailureTests))]
    public void What_Coyote_finds_fails_the_same_way_on_the_simulated_machine(string failure)
    {
        Trial trial = Trials.Named(failure);
        CoyoteReport report = CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure("random", ExecutionsMax));

        Assert.NotNull(report.Finding);
        Assert.Equal(report.Finding.Class, SimulatedEngine.Replay(trial, report.Schedule)?.Class);
    }

    [Theory]
    [MemberData(nameof(FailureTests.Failures), MemberType = typeof(FailureTests))]
    public void What_the_simulated_machine_finds_steers_Coyote_to_the_same_failure(string failure)
    {
        Trial trial = Trials.Named(failure);
        FailedExecution? failed = SimulatedEngine.Find(trial, seed: 1, ExecutionsMax);
        Assert.NotNull(failed);

        CoyoteReport report = Steer(trial.BootForCoyote(), failed.Schedule);

        Assert.Equal(failed.Finding.Class, report.Finding?.Class);
        Assert.Equal(failed.Schedule, report.Schedule);
    }

    [Theory]
    [MemberData(nameof(ScenariosAndPoints))]
    public void Executions_of_Coyote_end_at_rest_on_the_simulated_machine(string scenario, SchedulingPoints points)
    {
        Trial trial = Trials.Named(scenario) with { Points = points };
        CoyoteMachine machine = trial.BootForCoyote();

        for (uint seed = 1; seed <= Walks; seed++)
        {
            CoyoteReport report = CoyoteExplorer.Run(machine, Strategies.Configure("random", executions: 1, seed));

            Assert.Null(SimulatedEngine.Replay(trial, report.Schedule));
        }
    }

    [Theory]
    [MemberData(nameof(ScenariosAndPoints))]
    public void Executions_of_the_simulated_machine_end_at_rest_under_Coyote(string scenario, SchedulingPoints points)
    {
        Trial trial = Trials.Named(scenario) with { Points = points };
        CoyoteMachine machine = trial.BootForCoyote();

        for (uint seed = 1; seed <= Walks; seed++)
        {
            Transition[] schedule = SimulatedEngine.Walk(trial, seed);

            CoyoteReport report = Steer(machine, schedule);

            Assert.Null(report.Finding);
            Assert.Equal(schedule, report.Schedule);
        }
    }

    [Fact]
    public void Every_primitive_yields_the_same_on_both_machines()
    {
        var trial = new Trial("primitives", typeof(AllPrimitives<>), null, new ScenarioSize());
        CoyoteMachine machine = trial.BootForCoyote();
        var results = new HashSet<string>();

        for (uint seed = 1; seed <= 10 * Walks; seed++)
        {
            Transition[] schedule = SimulatedEngine.Walk(trial, seed);

            string? simulated = SimulatedEngine.Replay(trial, schedule)?.Message;

            Assert.Equal(simulated, Steer(machine, schedule).Finding?.Message);
            results.Add(simulated!);
        }

        Assert.True(results.Count > 10, "the schedules hardly differ");
    }

    [Fact]
    public void A_schedule_that_does_not_fit_is_refused_at_its_first_wrong_step()
    {
        CoyoteMachine machine = Trials.Named("churn").BootForCoyote();

        var refusal = Assert.Throws<InvalidOperationException>(() => Steer(machine, [Transition.Step(0), Transition.Step(1)]));

        Assert.Contains("at step 1 the schedule names 1", refusal.Message, StringComparison.Ordinal);
    }

    private static CoyoteReport Steer(CoyoteMachine machine, Transition[] schedule)
    {
        machine.Prescription = schedule;
        return CoyoteExplorer.Run(machine, Strategies.Configure("random", executions: 1));
    }
}
