using System.Threading;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Oracle;

/// <summary>
/// Explores a small program in every way the laboratory has, and compares every count with the exact answer.
/// </summary>
internal sealed class OracleCheck
{
    /// <summary>Above, plain enumeration would take too long, and only traces are counted.</summary>
    internal const long InterleavingsMax = 200_000;

    private const string Vector = "traces_by_preemptions";

    // Every step that is looked up is performed as well.
    private static readonly VerifierOptions s_options = new() { CountAll = true, Memo = MemoOptions.Shadow };

    private readonly OracleProgram _program;
    private readonly OracleExpectation _expect;
    private readonly CancellationToken _cancellation;
    private readonly List<OracleMismatch> _mismatches = [];
    private readonly List<OracleGap> _gaps = [];

    private OracleCheck(OracleProgram program, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _program = program;
        _expect = program.Expect;
    }

    /// <summary>Counts all that can be counted: every difference, and what was not compared.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    internal static OracleOutcome Check(OracleProgram program, CancellationToken cancellation = default)
    {
        var check = new OracleCheck(program, cancellation);
        if (program.WhyNotCounted is { } why)
        {
            check.Leave(why, "states", "transitions", "deadlock_states", "final_states");
        }
        else
        {
            check.CompareStates();
            check.CompareAnswers();
        }

        if ((program.WhyNotCounted ?? program.WhyNotEnumerated) is { } reason)
            check.Leave(reason, "interleavings", "traces", "deadlock_traces", Vector);
        else
            check.CompareExecutions();

        return new OracleOutcome(check._mismatches, check._gaps);
    }

    private void CompareStates()
    {
        VerificationReport states = Verify(fusion: false, s_options with { Symmetry = false });
        if (IsUnfinished(states, "states", "transitions", "deadlock_states", "final_states"))
            return;

        Compare("states", _expect.States, states.States);
        Compare("transitions", _expect.Transitions, states.Transitions);
        Compare("deadlock_states", _expect.DeadlockStates, states.Deadlocks);
        Compare("final_states", _expect.FinalStates, states.FinalStates);
    }

    /// <summary>With every reduction on, only the answers must be the same: can it deadlock, can it end.</summary>
    private void CompareAnswers()
    {
        VerificationReport reduced = Verify(fusion: true, s_options);
        if (IsUnfinished(reduced, "reachable deadlock", "reachable end"))
            return;

        Compare("reachable deadlock (1 is yes)", AsAnswer(_expect.DeadlockStates), AsAnswer(reduced.Deadlocks));
        Compare("reachable end (1 is yes)", AsAnswer(_expect.FinalStates), AsAnswer(reduced.FinalStates));
    }

    private void CompareExecutions()
    {
        var traces = new DepthFirstEnumeration(Boot(fusion: false), prunes: true);
        traces.Run(long.MaxValue, _cancellation);
        Compare("traces", _expect.Traces, traces.Traces.Count);
        Compare("deadlock_traces", _expect.DeadlockTraces, traces.Traces.Count(trace => trace.IsDeadlock));

        // Whether there are too many is counted, too: the file may be wrong about that.
        var plain = new DepthFirstEnumeration(Boot(fusion: false), prunes: false);
        if (plain.Run(InterleavingsMax, _cancellation))
            CompareAll(plain);
        else
            CompareSome(traces.Traces.Count);
    }

    private void CompareAll(DepthFirstEnumeration plain)
    {
        Compare("interleavings", _expect.Interleavings, plain.Executions);
        Compare("traces of all interleavings", _expect.Traces, plain.Traces.Count);

        // The last item is the first that has every trace in it.
        int length = 1 + plain.Traces.Max(trace => trace.Preemptions);
        Compare($"length of {Vector}", _expect.TracesByPreemptions.Length, length);
        for (int k = 0; k < _expect.TracesByPreemptions.Length; k++)
        {
            int most = k;
            Compare(
                $"{Vector}[{k}]",
                _expect.TracesByPreemptions[k],
                plain.Traces.Count(trace => trace.Preemptions <= most));
        }
    }

    /// <summary>Too many interleavings: what must hold of their number and of the vector in any case.</summary>
    private void CompareSome(long traces)
    {
        if (_expect.Interleavings <= InterleavingsMax)
            Compare("interleavings (there are at least as many as got)", _expect.Interleavings, InterleavingsMax + 1);

        // Every trace needs some number of preemptions, and the last item is the first that has every trace in it.
        long last = _expect.TracesByPreemptions.IsEmpty ? 0 : _expect.TracesByPreemptions[^1];
        Compare($"last item of {Vector}", last, traces);
        int length = 1 + Math.Max(0, _expect.TracesByPreemptions.IndexOf(traces));
        if (last == traces)
            Compare($"length of {Vector}", _expect.TracesByPreemptions.Length, length);

        _gaps.Add(
            new OracleGap(
                _program.Name,
                [
                    "interleavings",
                    "traces of all interleavings",
                    $"all but the last item of {Vector}, and how many there are",
                ],
                $"more than {InterleavingsMax} interleavings",
                GaveUp: false));
    }

    private void Leave(string why, params string[] what) =>
        _gaps.Add(new OracleGap(_program.Name, what, why, GaveUp: false));

    private void Compare(string what, long expected, long got)
    {
        if (expected != got)
            _mismatches.Add(new OracleMismatch(_program.Name, what, expected, got));
    }

    /// <summary>Counts of a search that has not seen everything say nothing.</summary>
    private bool IsUnfinished(VerificationReport report, params string[] what)
    {
        if (report.Reason is null)
            return false;

        _gaps.Add(new OracleGap(_program.Name, what, report.Reason, GaveUp: true));
        return true;
    }

    private static long AsAnswer(long count) => Math.Min(count, 1);

    private VerificationReport Verify(bool fusion, VerifierOptions options) =>
        Finished(new Verifier(Boot(fusion), options with { Fusion = fusion }).Run(_cancellation));

    private VerificationReport Finished(VerificationReport report)
    {
        _cancellation.ThrowIfCancellationRequested();
        return report;
    }

    private MachineImage Boot(bool fusion)
    {
        var scenario = new OracleScenario<SimulatedKernel>(
            _program,
            usesSpinLocks: fusion && LockDiscipline.IsKept(_program));
        var size = new ScenarioSize();
        var options = new MachineOptions
        {
            Points = SchedulingPoints.All,
            ChecksLocks = false,
            Preempt = false,
        };
        return MachineBuilder.Boot(scenario.Tasks(size), 0, options, Array.Empty<Detector>(), boot =>
            scenario.Boot(boot, size));
    }
}
