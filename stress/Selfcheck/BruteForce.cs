using System.Collections.Immutable;
using Kmaplab.Stress.Oracle;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>Counts all that a small program can do by doing all of it, one step after the other.</summary>
/// <remarks>
/// An interpreter of the oracle's language of its own: a state is an array of numbers, states are kept in a plain set,
/// interleavings are run one by one, and two of them are the same trace if both have the same smallest order. It shares
/// no code with the machine, the verifier and the enumeration that it is there to judge.
/// </remarks>
internal sealed class BruteForce
{
    private const int Finished = -1;

    private readonly OracleProgram _program;
    private readonly int[] _firstRegister; // In a state: program counters, registers by thread, variables, locks.
    private readonly int _firstVariable;
    private readonly int _firstLock;
    private readonly Dictionary<string, Trace> _traces = [];
    private long _interleavings;

    private BruteForce(OracleProgram program)
    {
        _program = program;
        int threads = program.Threads.Length;
        _firstRegister = new int[threads];
        _firstVariable = threads;
        for (int i = 0; i < threads; i++)
        {
            _firstRegister[i] = _firstVariable;
            _firstVariable += program.Threads[i].Registers.Length;
        }

        _firstLock = _firstVariable + program.Variables.Length;
    }

    /// <summary>All the exact answers.</summary>
    internal static OracleExpectation Count(OracleProgram program)
    {
        var count = new BruteForce(program);
        OracleExpectation states = count.CountStates();
        count.RunOn(count.Start(), [], last: -1, preemptions: 0);
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
        return count.WaysFrom(count.Start(), []);
    }

    private OracleExpectation CountStates()
    {
        (long transitions, long deadlocks, long finals) = (0, 0, 0);
        int[] start = Start();
        var seen = new HashSet<string> { Key(start) };
        var pending = new Queue<int[]>([start]);
        while (pending.TryDequeue(out int[]? state))
        {
            int[] enabled = Enabled(state);
            transitions += enabled.Length;
            bool isFinal = IsFinal(state);
            finals += isFinal ? 1 : 0;
            deadlocks += enabled.Length == 0 && !isFinal ? 1 : 0;
            foreach (int thread in enabled)
            {
                int[] next = Perform(state, thread).State;
                if (seen.Add(Key(next)))
                    pending.Enqueue(next);
            }
        }

        return new OracleExpectation
        {
            States = seen.Count,
            Transitions = transitions,
            DeadlockStates = deadlocks,
            FinalStates = finals,
            Interleavings = 0,
            Traces = 0,
            DeadlockTraces = 0,
            TracesByPreemptions = ImmutableArray<long>.Empty,
        };
    }

    private long WaysFrom(int[] state, Dictionary<string, long> known)
    {
        string key = Key(state);
        if (known.TryGetValue(key, out long ways))
            return ways;

        int[] enabled = Enabled(state);
        ways = enabled.Length == 0 ? 1 : enabled.Sum(thread => WaysFrom(Perform(state, thread).State, known));
        known.Add(key, ways);
        return ways;
    }

    private void RunOn(int[] state, List<Step> past, int last, int preemptions)
    {
        int[] enabled = Enabled(state);
        if (enabled.Length == 0)
        {
            _interleavings++;
            string order = SmallestOrder(past);
            if (!_traces.TryGetValue(order, out Trace? known) || preemptions < known.Preemptions)
                _traces[order] = new Trace(!IsFinal(state), preemptions);

            return;
        }

        foreach (int thread in enabled)
        {
            (int[] next, Step step) = Perform(state, thread);
            past.Add(step);
            bool isPreemption = thread != last && enabled.Contains(last);
            RunOn(next, past, thread, preemptions + (isPreemption ? 1 : 0));
            past.RemoveAt(past.Count - 1);
        }
    }

    /// <summary>
    /// Of all orders that swapping neighbouring independent steps leads to, the one that comes first: the threads of
    /// its steps.
    /// </summary>
    private static string SmallestOrder(List<Step> steps)
    {
        var left = new List<Step>(steps);
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

            order.Append(left[best].Thread).Append(' ');
            left.RemoveAt(best);
        }

        return order.ToString();
    }

    private int[] Start()
    {
        int[] state = new int[_firstLock + _program.Locks.Length];
        _program.Initial.CopyTo(state, _firstVariable);
        for (int thread = 0; thread < _program.Threads.Length; thread++)
            GoTo(state, thread, 0);

        return state;
    }

    private int[] Enabled(int[] state) =>
        [
            .. Enumerable
                .Range(0, _program.Threads.Length)
                .Where(thread => state[thread] != Finished && CanGoOn(state, NextOf(state, thread))),
        ];

    private bool IsFinal(int[] state) => !Array.Exists(state[.._program.Threads.Length], at => at != Finished);

    private OracleInstruction NextOf(int[] state, int thread) => _program.Threads[thread].Instructions[state[thread]];

    private bool CanGoOn(int[] state, OracleInstruction instruction) => instruction.Opcode switch
    {
        OracleOpcode.Lock => state[_firstLock + instruction.Target] == 0,
        OracleOpcode.Await => state[_firstVariable + instruction.Target] == instruction.Value,
        _ => true,
    };

    private (int[] State, Step Step) Perform(int[] before, int thread)
    {
        int[] state = [.. before];
        OracleInstruction instruction = NextOf(before, thread);
        int place = (instruction.OnLock ? _firstLock : _firstVariable) + instruction.Target;
        int was = state[place];
        int register = _firstRegister[thread] + instruction.Register;
        bool isWrite = true;
        switch (instruction.Opcode)
        {
            case OracleOpcode.Load:
                state[register] = was;
                isWrite = false;
                break;
            case OracleOpcode.Store:
                state[place] = instruction.Value;
                break;
            case OracleOpcode.StoreRegister:
                state[place] = state[register] + instruction.Value;
                break;
            case OracleOpcode.Add:
                state[place] = was + instruction.Value;
                state[register] = was;
                break;
            case OracleOpcode.Cas:
                isWrite = was == instruction.Expected;
                state[place] = isWrite ? instruction.Value : was;
                state[register] = isWrite ? 1 : 0;
                break;
            case OracleOpcode.TryLock:
                isWrite = was == 0;
                state[place] = 1;
                state[register] = isWrite ? 1 : 0;
                break;
            case OracleOpcode.Lock:
                state[place] = 1;
                break;
            case OracleOpcode.Unlock:
                state[place] = 0;
                break;
            default:
                isWrite = false; // Awaited.
                break;
        }

        GoTo(state, thread, before[thread] + 1);
        return (state, new Step(thread, place, isWrite));
    }

    // Exits are taken at once; who has finished has no registers.
    private void GoTo(int[] state, int thread, int at)
    {
        ImmutableArray<OracleInstruction> code = _program.Threads[thread].Instructions;
        for (; at < code.Length; at++)
        {
            if (code[at].Opcode is not (OracleOpcode.ExitIf or OracleOpcode.ExitUnless))
            {
                state[thread] = at;
                return;
            }

            bool isEqual = state[_firstRegister[thread] + code[at].Register] == code[at].Value;
            if (isEqual == (code[at].Opcode == OracleOpcode.ExitIf))
                break;
        }

        state[thread] = Finished;
        Array.Clear(state, _firstRegister[thread], _program.Threads[thread].Registers.Length);
    }

    private static string Key(int[] state) => string.Join(' ', state);

    private readonly record struct Step(int Thread, int Place, bool IsWrite)
    {
        internal bool DependsOn(Step other) =>
            Thread == other.Thread || (Place == other.Place && (IsWrite || other.IsWrite));
    }

    private sealed record Trace(bool IsDeadlock, int Preemptions);
}
