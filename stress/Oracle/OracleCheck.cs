using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Oracle;

/// <summary>Explores a small program in every way the laboratory has, and compares every count with the exact answer.</summary>
internal static class OracleCheck
{
    /// <summary>Above, plain enumeration would take too long, and only traces are counted.</summary>
    internal const long InterleavingsMax = 200_000;

    /// <summary>The first count that differs, or null.</summary>
    internal static OracleMismatch? Check(OracleProgram program) => Compare(program).FirstOrDefault(pair => pair.Expected != pair.Got) is { } wrong
        ? new OracleMismatch(program.Name, wrong.What, wrong.Expected, wrong.Got)
        : null;

    private static IEnumerable<Count> Compare(OracleProgram program)
    {
        OracleExpectation expect = program.Expect;
        VerificationReport states = new Verifier(Boot(program, fusion: false), new VerifierOptions { CountAll = true, Symmetry = false }).Run();
        yield return new Count("states", expect.States, states.States);
        yield return new Count("transitions", expect.Transitions, states.Transitions);
        yield return new Count("deadlock_states", expect.DeadlockStates, states.Deadlocks);
        yield return new Count("final_states", expect.FinalStates, states.FinalStates);

        foreach (Count verdict in Verdicts(program))
            yield return verdict;

        var traces = new DepthFirstEnumeration(Boot(program, fusion: false), prunes: true);
        traces.Run(long.MaxValue);
        yield return new Count("traces", expect.Traces, traces.Traces.Count);
        yield return new Count("deadlock_traces", expect.DeadlockTraces, traces.Traces.Count(trace => trace.IsDeadlock));

        if (expect.Interleavings > InterleavingsMax)
            yield break;

        var plain = new DepthFirstEnumeration(Boot(program, fusion: false), prunes: false);
        plain.Run(InterleavingsMax);
        yield return new Count("interleavings", expect.Interleavings, plain.Executions);
        yield return new Count("traces of all interleavings", expect.Traces, plain.Traces.Count);
        for (int k = 0; k < expect.TracesByPreemptions.Length; k++)
        {
            int most = k;
            yield return new Count(
                $"traces_by_preemptions[{k}]", expect.TracesByPreemptions[k], plain.Traces.Count(trace => trace.Preemptions <= most));
        }
    }

    /// <summary>With every reduction on, only the answers must be the same: can it deadlock, can it end.</summary>
    private static IEnumerable<Count> Verdicts(OracleProgram program)
    {
        VerificationReport reduced = new Verifier(Boot(program, fusion: true), new VerifierOptions { CountAll = true }).Run();
        yield return new Count("reachable deadlock (1 is yes)", AsAnswer(program.Expect.DeadlockStates), AsAnswer(reduced.Deadlocks));
        yield return new Count("reachable end (1 is yes)", AsAnswer(program.Expect.FinalStates), AsAnswer(reduced.FinalStates));
    }

    private static long AsAnswer(long count) => Math.Min(count, 1);

    private static MachineImage Boot(OracleProgram program, bool fusion)
    {
        var scenario = new OracleScenario<SimulatedKernel>(program, usesSpinLocks: fusion && LockDiscipline.IsKept(program));
        var size = new ScenarioSize();
        var options = new MachineOptions { Fusion = fusion, Points = SchedulingPoints.All, ChecksLocks = false, Preempt = false };
        return MachineBuilder.Boot(scenario.Tasks(size), 0, options, Array.Empty<Detector>(), boot => scenario.Boot(boot, size));
    }

    private sealed record Count(string What, long Expected, long Got);
}

/// <summary>A count that differs from the exact answer.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="What">What was counted.</param>
/// <param name="Expected">The exact answer.</param>
/// <param name="Got">What the laboratory counted.</param>
internal sealed record OracleMismatch(string Program, string What, long Expected, long Got);
