using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Selfcheck.Programs;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>
/// Programs as scenarios against an interpreter of its own: what would make a verdict false is state that a search does
/// not see, a step that is two, and a reduction that leaves out too much.
/// </summary>
public sealed class ProgramVerdictTests
{
    private const int StatesMax = 4_000;

    [Fact]
    public void Verdicts_and_counts_of_random_programs_are_those_of_brute_force_with_and_without_reductions() =>
        LanguagePrograms.Files.Sample(file => Assert.Null(Problem(file, New)), iter: 100, threads: 1);

    [Fact]
    public void Random_programs_are_right_stuck_wrong_and_endless()
    {
        var answers = new List<BruteAnswer>();
        LanguagePrograms.Files.Sample(
            file => answers.Add(BruteForce.Judge(LanguagePrograms.Parse(file), StatesMax)), iter: 500, threads: 1);

        Assert.All(
            (Func<BruteAnswer, bool>[])
            [
                answer => answer.Failures > 0,
                answer => answer.Deadlocks > 0,
                answer => answer is { Failures: 0, Deadlocks: 0, CanAllFinish: false },
                answer => answer is { Failures: 0, Deadlocks: 0, CanAllFinish: true, States: > 20 },
            ],
            kind => Assert.Contains(answers, answer => kind(answer)));
    }

    // What each of these does wrong is what an interpreter could do wrong.
    [Fact]
    public void Registers_that_live_outside_kernel_memory_are_noticed() =>
        Assert.Contains(Problems(program => new ForgetfulScenario(program)), problem => problem is not null);

    [Fact]
    public void Registers_that_are_not_cleared_at_the_end_are_noticed() =>
        Assert.Contains(Problems(program => new UntidyScenario(program)), problem => problem is not null);

    private static OracleScenario<SimulatedKernel> New(OracleProgram program) => new(program, usesSpinLocks: false);

    private static List<string?> Problems(Func<OracleProgram, Scenario<SimulatedKernel>> scenario)
    {
        string[] files = [
            """[{"name":"p","threads":[[["load","x","r"],["store","y",{"reg":"r"}]],[["store","x",1]]]}]""",
            """[{"name":"p","threads":[[["load","x","r"],["exit-if","r",0],["await","y",1]],[["store","x",1]]]}]""",
            """[{"name":"p","threads":[[["load","x","r"]],[["store","x",1]]]}]""",
        ];
        return [.. files.Select(file => Problem(file, scenario))];
    }

    /// <summary>What is not as brute force says; null if nothing is.</summary>
    private static string? Problem(string file, Func<OracleProgram, Scenario<SimulatedKernel>> scenario)
    {
        OracleProgram program = LanguagePrograms.Parse(file);
        BruteAnswer answer = BruteForce.Judge(program, StatesMax);
        if (!answer.IsWhole)
            return null;

        foreach (bool reduces in (bool[])[false, true])
        {
            VerificationReport report = new Verifier(
                Boot(program, scenario(program), reduces),
                new VerifierOptions { Fusion = reduces, Symmetry = reduces })
                .Run(TestContext.Current.CancellationToken);
            if (Problem(answer, report) is { } problem)
                return $"{(reduces ? "with" : "without")} reductions: {problem}";
        }

        bool isRight = answer is { Failures: 0, Deadlocks: 0, CanAllFinish: true };
        return isRight ? ProblemOfExploring(program, scenario(program)) : null;
    }

    private static string? Problem(BruteAnswer answer, VerificationReport report)
    {
        FailureClass? failure = report.Counterexample?.Finding.Class;
        bool mayFail = answer.Failures > 0;
        bool mayStick = answer.Deadlocks > 0;
        if (mayFail || mayStick)
        {
            bool isRight = (mayFail && failure == FailureClass.Assertion)
                || (mayStick && failure == FailureClass.Deadlock);
            return isRight
                ? null
                : $"{report.Verdict} {failure} {report.Counterexample?.Finding.Message}, but {answer}";
        }

        if (!answer.CanAllFinish)
            return failure == FailureClass.Livelock ? null : $"{report.Verdict} {failure}, but somebody never finishes";

        return (report.Verdict, report.States, report.Transitions, report.FinalStates)
            == (Verdict.Verified, answer.States, answer.Transitions, answer.Finals)
            ? null
            : $"{report}, but {answer}";
    }

    // Where nothing can be wrong nobody finds anything.
    private static string? ProblemOfExploring(OracleProgram program, Scenario<SimulatedKernel> scenario)
    {
        var options = new ExplorerOptions { Executions = 50, StepsMax = 2_000, DeterminismEvery = 1 };
        ExplorationReport report = new Explorer(
            () => Boot(program, scenario, fuses: false),
            () => new RandomWalkStrategy(1),
            options).Run(TestContext.Current.CancellationToken);
        return report.First is { } first ? $"explore finds {first.Finding.Message}" : null;
    }

    private static MachineImage Boot(OracleProgram program, Scenario<SimulatedKernel> scenario, bool fuses) =>
        MachineBuilder.Boot(
            program.Threads.Length,
            0,
            new MachineOptions { Preempt = !fuses },
            [.. StandardDetectors.Create()],
            boot => scenario.Boot(boot, new ScenarioSize()));

    private sealed class ForgetfulScenario(OracleProgram program)
        : OracleScenario<SimulatedKernel>(program, usesSpinLocks: false)
    {
        private readonly int[] _kept = new int[64];

        protected override int Register(int thread, int register) => _kept[(thread * 8) + register];

        protected override void SetRegister(int thread, int register, int value) =>
            _kept[(thread * 8) + register] = value;
    }

    private sealed class UntidyScenario(OracleProgram program)
        : OracleScenario<SimulatedKernel>(program, usesSpinLocks: false)
    {
        protected override void SetRegister(int thread, int register, int value)
        {
            if (value != 0)
                base.SetRegister(thread, register, value);
        }
    }
}
