using System.Collections.Immutable;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Oracle;

namespace Kmaplab.Stress.Selfcheck.Programs;

/// <summary>An interpreter of the oracle's language over plain arrays of numbers.</summary>
/// <remarks>It shares no code with the machine and the scenario that it is there to judge.</remarks>
internal sealed class BruteInterpreter
{
    private const int Finished = -1;
    private const int Failed = -2;
    private const int LocalsMax = 10_000;

    private readonly OracleProgram _program;
    private readonly int[] _firstRegister; // In a state: program counters, registers by thread, variables, locks,
    private readonly int _firstVariable; // then each condition's waiters in a row and who was woken, then each
    private readonly int _firstLock; // channel's values in a row. In front of a row stands its length.
    private readonly int[] _conditions;
    private readonly int[] _channels;
    private readonly int _length;

    internal BruteInterpreter(OracleProgram program)
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
        int end = _firstLock + program.Locks.Length;
        _conditions = [.. program.Conditions.Select(_ => Take(1 + threads + threads))];
        _channels = [.. program.Capacities.Select(capacity => Take(1 + capacity))];
        _length = end;

        int Take(int length)
        {
            int first = end;
            end += length;
            return first;
        }
    }

    internal int[] Start()
    {
        int[] state = new int[_length];
        _program.Initial.CopyTo(state, _firstVariable);
        for (int thread = 0; thread < _program.Threads.Length; thread++)
            GoTo(state, thread, 0);

        return state;
    }

    internal bool IsFinished(int[] state, int thread) => state[thread] == Finished;

    internal bool IsFinal(int[] state) => !Array.Exists(state[.._program.Threads.Length], at => at != Finished);

    /// <summary>Whether something that must hold does not.</summary>
    internal bool HasFailed(int[] state) =>
        Array.Exists(state[.._program.Threads.Length], at => at == Failed)
        || (IsFinal(state) && _program.Finally.Any(end =>
            !end.Comparison.Holds(state[_firstVariable + end.Variable], end.Value)));

    /// <summary>What can happen: the thread, and which of the outcomes its step has.</summary>
    internal (int Thread, int Outcome)[] Enabled(int[] state) => HasFailed(state)
        ? []
        : [.. Enumerable.Range(0, _program.Threads.Length).SelectMany(thread => Outcomes(state, thread))];

    private IEnumerable<(int, int)> Outcomes(int[] state, int thread)
    {
        if (state[thread] == Finished || !CanGoOn(state, thread, NextOf(state, thread)))
            return [];

        int outcomes = NextOf(state, thread) is { Opcode: OracleOpcode.Choose } choice ? choice.Value.Plus : 1;
        return Enumerable.Range(0, outcomes).Select(outcome => (thread, outcome));
    }

    private OracleInstruction NextOf(int[] state, int thread) => _program.Threads[thread].Instructions[state[thread]];

    private bool CanGoOn(int[] state, int thread, OracleInstruction next) => next.Opcode switch
    {
        OracleOpcode.Lock => state[_firstLock + next.Target] == 0,
        OracleOpcode.Await or OracleOpcode.AwaitAdd => Compares(
            next.Comparison, state[PlaceOf(state, thread, next)], ValueOf(state, thread, next.Value)),
        OracleOpcode.Woken => state[WokenOf(next.Target, thread)] == 1,
        OracleOpcode.Send => state[_channels[next.Target]] < _program.Capacities[next.Target],
        OracleOpcode.Receive => state[_channels[next.Target]] > 0,
        _ => true,
    };

    internal (int[] State, BruteStep Step) Perform(int[] before, int thread, int outcome)
    {
        int[] state = [.. before];
        OracleInstruction next = NextOf(before, thread);
        int place = PlaceOf(state, thread, next);
        int was = place < 0 ? outcome : state[place];
        int value = ValueOf(state, thread, next.Value);
        int other = ValueOf(state, thread, next.Other);
        int? result = was;
        bool isWrite = true;
        switch (next.Opcode)
        {
            case OracleOpcode.Load or OracleOpcode.Await:
                isWrite = false;
                break;
            case OracleOpcode.Store or OracleOpcode.Exchange:
                state[place] = value;
                break;
            case OracleOpcode.Add:
                state[place] = unchecked(was + value);
                break;
            case OracleOpcode.AwaitAdd:
                state[place] = unchecked(was + other);
                break;
            case OracleOpcode.Cas:
                isWrite = was == other;
                state[place] = isWrite ? value : was;
                result = isWrite ? 1 : 0;
                break;
            case OracleOpcode.TryLock:
                isWrite = was == 0;
                state[place] = 1;
                result = isWrite ? 1 : 0;
                break;
            case OracleOpcode.Lock:
                state[place] = 1;
                break;
            case OracleOpcode.Unlock or OracleOpcode.Woken:
                state[place] = 0;
                break;
            case OracleOpcode.Join:
                state[place + ++state[place]] = thread;
                break;
            case OracleOpcode.Send:
                state[place + ++state[place]] = value;
                break;
            case OracleOpcode.Receive:
                result = Shift(state, place);
                break;
            case OracleOpcode.Signal or OracleOpcode.Broadcast:
                for (int left = next.Opcode == OracleOpcode.Signal ? Math.Min(1, was) : was; left > 0; left--)
                    state[WokenOf(next.Target, Shift(state, place))] = 1;

                break;
            default:
                isWrite = false; // Chosen.
                break;
        }

        if (next.Register >= 0 && result is { } number)
            state[_firstRegister[thread] + next.Register] = number;

        GoTo(state, thread, before[thread] + 1);
        return (state, new BruteStep(thread, outcome, place, isWrite));
    }

    // What is local is done at once; who has finished has no registers.
    private void GoTo(int[] state, int thread, int at)
    {
        ImmutableArray<OracleInstruction> code = _program.Threads[thread].Instructions;
        state[thread] = Finished;
        for (int done = 0; at < code.Length && state[thread] == Finished; done++)
        {
            OracleInstruction next = code[at];
            int left = next.Register < 0 ? 0 : state[_firstRegister[thread] + next.Register];
            int value = ValueOf(state, thread, next.Value);
            int other = ValueOf(state, thread, next.Other);
            bool holds = next.Register < 0 || Compares(next.Comparison, left, value);
            switch (next.Opcode)
            {
                case OracleOpcode.Branch:
                    at = holds ? next.Destination : at + 1;
                    break;
                case OracleOpcode.Assert when holds:
                    at++;
                    break;
                case OracleOpcode.Compute when Calculate(next.Operator, other, value) is { } number:
                    state[_firstRegister[thread] + next.Register] = number;
                    at++;
                    break;
                default:
                    int element = ValueOf(state, thread, next.Index);
                    bool fails = !next.IsStep || element < 0 || element >= next.Length;
                    state[thread] = fails ? Failed : at;
                    break;
            }

            if (done == LocalsMax)
                state[thread] = Failed;
        }

        if (state[thread] < 0)
            Array.Clear(state, _firstRegister[thread], _program.Threads[thread].Registers.Length);
    }

    private int ValueOf(int[] state, int thread, OracleValue value) =>
        value.Register < 0 ? value.Plus : unchecked(state[_firstRegister[thread] + value.Register] + value.Plus);

    private int WokenOf(int condition, int thread) => _conditions[condition] + 1 + _program.Threads.Length + thread;

    private int PlaceOf(int[] state, int thread, OracleInstruction next) => next.Opcode switch
    {
        OracleOpcode.Choose => -1,
        OracleOpcode.Join or OracleOpcode.Signal or OracleOpcode.Broadcast => _conditions[next.Target],
        OracleOpcode.Woken => WokenOf(next.Target, thread),
        OracleOpcode.Send or OracleOpcode.Receive => _channels[next.Target],
        OracleOpcode.Lock or OracleOpcode.Unlock or OracleOpcode.TryLock => _firstLock + next.Target,
        _ => _firstVariable + next.Target + ValueOf(state, thread, next.Index),
    };

    private static int Shift(int[] state, int row)
    {
        int first = state[row + 1];
        int length = state[row]--;
        for (int i = 1; i < length; i++)
            state[row + i] = state[row + i + 1];

        state[row + length] = 0;
        return first;
    }

    private static bool Compares(Comparison comparison, int left, int right) => comparison switch
    {
        Comparison.Equal => left == right,
        Comparison.NotEqual => left != right,
        Comparison.Less => left < right,
        Comparison.LessOrEqual => left <= right,
        Comparison.Greater => left > right,
        Comparison.GreaterOrEqual => left >= right,
        _ => throw new ArgumentOutOfRangeException(nameof(comparison)),
    };

    private static int? Calculate(OracleOperator with, int left, int right)
    {
        if (with is OracleOperator.Divide or OracleOperator.Remainder && right == 0)
            return null;

        long wide = with switch
        {
            OracleOperator.Plus => (long)left + right,
            OracleOperator.Minus => (long)left - right,
            OracleOperator.Times => (long)left * right,
            OracleOperator.Divide => (long)left / right,
            OracleOperator.Remainder => (long)left % right,
            OracleOperator.And => left & right,
            OracleOperator.Or => left | right,
            OracleOperator.ExclusiveOr => left ^ right,
            _ => throw new ArgumentOutOfRangeException(nameof(with)),
        };
        return unchecked((int)wide);
    }
}

/// <summary>A step that was taken.</summary>
/// <param name="Thread">By whom.</param>
/// <param name="Outcome">Which of its outcomes it had.</param>
/// <param name="Place">What it touches; negative for nothing.</param>
/// <param name="IsWrite">Whether it writes that.</param>
internal readonly record struct BruteStep(int Thread, int Outcome, int Place, bool IsWrite)
{
    internal bool DependsOn(BruteStep other) =>
        Thread == other.Thread || (Place == other.Place && Place >= 0 && (IsWrite || other.IsWrite));
}
