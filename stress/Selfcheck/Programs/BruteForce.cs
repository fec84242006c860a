using Kmaplab.Stress.Oracle;

namespace Kmaplab.Stress.Selfcheck.Programs;

/// <summary>Counts all that a small program can do by doing all of it, one step after the other.</summary>
/// <remarks>
/// An interpreter of the oracle's language of its own: a state is an array of numbers, states are kept in a plain set,
/// interleavings are run one by one, and two of them are the same trace if both have the same smallest order. It shares
/// no code with the machine, the verifier and the enumeration that it is there to judge.
/// </remarks>
internal sealed class BruteForce
{
    private readonly OracleProgram _program;
    private readonly BruteInterpreter _interpreter;
    private readonly Dictionary<string, Trace> _traces = [];
    private long _interleavings;

    private BruteForce(OracleProgram program)
    {
        _program = program;
        _interpreter = new BruteInterpreter(program);
    }

    /// <summary>All the exact answers.</summary>
    internal static OracleExpectation Count(OracleProgram program)
    {
        var count = new BruteForce(program);
        OracleExpectation states = count.CountStates();
        count.RunOn(count._interpreter.Start(), [], last: -1, preemptions: 0);
        int most = count._traces.Values.Max(trace => trace.Preemptions);
        return states with
        {
            Interleavings = count._interleavings,
            Traces = count._traces.Count,
            DeadlockTraces = count._traces.Values.Count(trace => trace.IsDeadlock),
            TracesByPreemptions =
            [
                .. Enumerable
                    .Range(0, most + 1)
                    .Select(k => (long)count._traces.Values.Count(trace => trace.Preemptions <= k)),
            ],
        };
    }

    /// <summary>How many interleavings a program has, without running each of them.</summary>
    internal static long CountInterleavings(OracleProgram program)
    {
        var count = new BruteForce(program);
        return count.WaysFrom(count._interpreter.Start(), []);
    }

    /// <summary>What is to be said about a program: states alone, without its interleavings.</summary>
    internal static BruteAnswer Judge(OracleProgram program, int statesMax) =>
        new BruteForce(program).JudgeStates(statesMax);

    private OracleExpectation CountStates()
    {
        BruteAnswer answer = JudgeStates(int.MaxValue);
        return OracleExpectation.Unknown with
        {
            States = answer.States,
            Transitions = answer.Transitions,
            DeadlockStates = answer.Deadlocks,
            FinalStates = answer.Finals,
        };
    }

    private BruteAnswer JudgeStates(int statesMax)
    {
        var answer = new BruteAnswer();
        int[] start = _interpreter.Start();
        var numbers = new Dictionary<string, int> { [Key(start)] = 0 };
        var before = new List<List<int>> { new() };
        var states = new List<int[]> { start };
        for (int i = 0; i < states.Count && states.Count <= statesMax; i++)
        {
            int[] state = states[i];
            (int Thread, int Outcome)[] enabled = _interpreter.Enabled(state);
            bool isFinal = _interpreter.IsFinal(state);
            bool hasFailed = _interpreter.HasFailed(state);
            answer.Transitions += enabled.Length;
            answer.Finals += isFinal ? 1 : 0;
            answer.Failures += hasFailed ? 1 : 0;
            answer.Deadlocks += enabled.Length == 0 && !isFinal && !hasFailed ? 1 : 0;
            foreach ((int thread, int outcome) in enabled)
            {
                int[] next = _interpreter.Perform(state, thread, outcome).State;
                if (!numbers.TryGetValue(Key(next), out int number))
                {
                    number = states.Count;
                    numbers.Add(Key(next), number);
                    states.Add(next);
                    before.Add([]);
                }

                before[number].Add(i);
            }
        }

        answer.States = states.Count;
        answer.IsWhole = states.Count <= statesMax;
        answer.CanAllFinish = Enumerable.Range(0, _program.Threads.Length).All(thread =>
            CanFinishFromEverywhere(thread, states, before));
        return answer;
    }

    private bool CanFinishFromEverywhere(int thread, List<int[]> states, List<List<int>> before)
    {
        var found = new HashSet<int>(
            Enumerable.Range(0, states.Count).Where(i => _interpreter.IsFinished(states[i], thread)));
        var pending = new Stack<int>(found);
        while (pending.TryPop(out int state))
        {
            foreach (int earlier in before[state].Where(found.Add))
                pending.Push(earlier);
        }

        return found.Count == states.Count;
    }

    private long WaysFrom(int[] state, Dictionary<string, long> known)
    {
        string key = Key(state);
        if (known.TryGetValue(key, out long ways))
            return ways;

        (int, int)[] enabled = _interpreter.Enabled(state);
        ways = enabled.Length == 0 ? 1 : enabled.Sum(next => WaysFrom(Next(state, next), known));
        known.Add(key, ways);
        return ways;
    }

    private int[] Next(int[] state, (int Thread, int Outcome) choice) =>
        _interpreter.Perform(state, choice.Thread, choice.Outcome).State;

    private void RunOn(int[] state, List<BruteStep> past, int last, int preemptions)
    {
        (int Thread, int Outcome)[] enabled = _interpreter.Enabled(state);
        if (enabled.Length == 0)
        {
            _interleavings++;
            string order = SmallestOrder(past);
            if (!_traces.TryGetValue(order, out Trace? known) || preemptions < known.Preemptions)
                _traces[order] = new Trace(!_interpreter.IsFinal(state), preemptions);

            return;
        }

        foreach ((int thread, int outcome) in enabled)
        {
            (int[] next, BruteStep step) = _interpreter.Perform(state, thread, outcome);
            past.Add(step);
            bool isPreemption = thread != last && enabled.Any(other => other.Thread == last);
            RunOn(next, past, thread, preemptions + (isPreemption ? 1 : 0));
            past.RemoveAt(past.Count - 1);
        }
    }

    /// <summary>
    /// Of all orders that swapping neighbouring independent steps leads to, the one that comes first: the threads of
    /// its steps.
    /// </summary>
    private static string SmallestOrder(List<BruteStep> steps)
    {
        var left = new List<BruteStep>(steps);
        var order = new System.Text.StringBuilder();
        while (left.Count > 0)
        {
            int best = -1;
            for (int i = 0; i < left.Count; i++)
            {
                bool isFree = true;
                for (int j = 0; j < i && isFree; j++)
                    isFree = !left[j].DependsOn(left[i]);

                if (isFree && (best < 0 || left[i].Thread < left[best].Thread))
                    best = i;
            }

            order.Append(left[best].Thread).Append('.').Append(left[best].Outcome).Append(' ');
            left.RemoveAt(best);
        }

        return order.ToString();
    }

    private static string Key(int[] state) => string.Join(' ', state);

    private sealed record Trace(bool IsDeadlock, int Preemptions);
}

/// <summary>What all states of a program show.</summary>
internal sealed record BruteAnswer
{
    internal long States { get; set; }

    internal long Transitions { get; set; }

    internal long Deadlocks { get; set; }

    internal long Finals { get; set; }

    /// <summary>States in which something that must hold does not.</summary>
    internal long Failures { get; set; }

    /// <summary>From every state every thread can finish.</summary>
    internal bool CanAllFinish { get; set; }

    /// <summary>There were no more states than allowed.</summary>
    internal bool IsWhole { get; set; }
}
