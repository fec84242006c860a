using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests;

/// <summary>A schedule of one engine is a schedule of the other, step by step.</summary>
public sealed class ScheduleTests
{
    private const uint ExecutionsMax = 2000;
    private const uint Walks = 10;
    private const string Strategy = "random";

    public static MatrixTheoryData<string, SchedulingPoints> ScenariosAndPoints { get; } = new(
        Trials.Names(Trials.Correct),
        [SchedulingPoints.None, SchedulingPoints.Observable, SchedulingPoints.All]);

    [Theory]
    [MemberData(nameof(FailureTests.Failures), MemberType = typeof(FailureTests))]
    public void What_Coyote_finds_fails_the_same_way_on_the_simulated_machine(string failure)
    {
        Trial trial = Trials.Named(failure);
        CoyoteReport report = CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure(Strategy, ExecutionsMax));
        Assert.NotNull(report.Finding);

        SimulatedEngine.Replay(trial, trial.Export(report, Strategy, seed: 1));
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
        Trial trial = StoppingAt(points, scenario);
        CoyoteMachine machine = trial.BootForCoyote();

        for (uint seed = 1; seed <= Walks; seed++)
        {
            CoyoteReport report = CoyoteExplorer.Run(machine, Strategies.Configure(Strategy, executions: 1, seed));

            SimulatedEngine.Replay(trial, trial.Export(report, Strategy, seed));
        }
    }

    [Theory]
    [MemberData(nameof(ScenariosAndPoints))]
    public void Executions_of_the_simulated_machine_end_at_rest_under_Coyote(string scenario, SchedulingPoints points)
    {
        Trial trial = StoppingAt(points, scenario);
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
        var scenario = new ScenarioEntry(new ScenarioAttribute("primitives", "all of them"), typeof(AllPrimitives<>));
        var experiment = new Experiment(scenario, Variant: null, scenario.Parameters.Settle(new SizeRequest()));
        var trial = new Trial("primitives", experiment);
        CoyoteMachine machine = trial.BootForCoyote();
        var results = new HashSet<string>();

        for (uint seed = 1; seed <= 10 * Walks; seed++)
        {
            CoyoteReport report = Steer(machine, SimulatedEngine.Walk(trial, seed));

            string? simulated = SimulatedEngine.Replay(trial, trial.Export(report, Strategy, seed)).Finding?.Message;
            Assert.Equal(simulated, report.Finding?.Message);
            results.Add(simulated!);
        }

        Assert.True(results.Count > 10, "the schedules hardly differ");
    }

    [Fact]
    public void A_schedule_that_does_not_fit_is_refused_at_its_first_wrong_step()
    {
        CoyoteMachine machine = Trials.Named("churn").BootForCoyote();
        // Task 0 has the lock that task 1 stands before.
        Transition[] schedule = [Transition.Step(0), Transition.Step(1)];

        var refusal = Assert.Throws<InvalidOperationException>(() => Steer(machine, schedule));

        Assert.Contains("at step 1 the schedule names 1", refusal.Message, StringComparison.Ordinal);
    }

    private static Trial StoppingAt(SchedulingPoints points, string name)
    {
        Trial trial = Trials.Named(name);
        return trial with { Experiment = trial.Experiment with { Points = points } };
    }

    private static CoyoteReport Steer(CoyoteMachine machine, Transition[] schedule)
    {
        machine.Prescription = schedule;
        return CoyoteExplorer.Run(machine, Strategies.Configure(Strategy, executions: 1));
    }
}
