using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Makes a program of a line; gives what its threads share indices, in order of appearance.</summary>
internal sealed class ProgramDecoder(ProgramLine line, OraclePlace place)
{
    private const int InstructionsMax = 1_000; // Executions are gone through recursively.
    private const string Label = "label";

    private const int ThreadsMax = 64; // As many as an exhaustive search takes.

    private readonly ProgramNames _names = new();
    private OraclePlace _place = place;

    public OracleProgram Decode()
    {
        if (line.Name == "")
            throw _place.Fail("the name must not be empty");

        _place = _place with { Program = line.Name };
        foreach ((string name, JsonElement value) in line.Init)
            _names.Declare(name, value, _place);

        foreach ((string name, int capacity) in line.Channels)
            _names.DeclareChannel(name, capacity, _place);

        ImmutableArray<OracleThread> threads = Threads();
        OracleEnd[] ends = [.. line.Finally.Select(End)];
        OracleExpectation expect = line.Expect ?? OracleExpectation.Unknown;
        CheckAnswers(expect);
        return new()
        {
            Name = line.Name,
            Variables = _names.Variables.ToImmutable(),
            Initial = [.. _names.Initial],
            Locks = _names.Locks.ToImmutable(),
            Conditions = _names.Conditions.ToImmutable(),
            Channels = _names.Channels.ToImmutable(),
            Capacities = [.. _names.Capacities],
            Threads = threads,
            Finally = [.. ends],
            Content = ContentOf(line),
            Expect = expect,
        };
    }

    private static ulong ContentOf(ProgramLine line)
    {
        ProgramLine bare = line with { Name = "", Expect = null };
        return XxHash64.HashToUInt64(JsonSerializer.SerializeToUtf8Bytes(bare, OracleJson.Default.ProgramLine));
    }

    private ImmutableArray<OracleThread> Threads()
    {
        if (line.Threads.Length == 0)
            throw _place.Fail("a program needs a thread");

        // Those that are said to do the same count as often.
        (JsonElement Code, int Times)[] groups = [.. line.Threads.Select(Group)];
        long count = groups.Sum(group => (long)group.Times);
        if (count > ThreadsMax)
            throw _place.Fail($"a program can have {ThreadsMax} threads at most, this has {count}");

        var threads = new List<OracleThread>();
        foreach ((JsonElement code, int times) in groups)
        {
            OracleThread thread = Thread(code, _place with { Thread = threads.Count });
            threads.AddRange(Enumerable.Repeat(thread, times));
        }

        int instructions = threads.Sum(thread => thread.Instructions.Length);
        if (instructions > InstructionsMax)
            throw _place.Fail($"a program can have {InstructionsMax} instructions at most, this has {instructions}");

        return [.. threads];
    }

    private (JsonElement Code, int Times) Group(JsonElement element, int index) =>
        element.ValueKind == JsonValueKind.Object
            ? Several(element, _place with { Thread = index })
            : (element, 1);

    private static (JsonElement Code, int Times) Several(JsonElement element, OraclePlace where)
    {
        try
        {
            LikeThreads like = element.Deserialize(OracleJson.Default.LikeThreads)!;
            return like.Times >= 1
                ? (like.Do, like.Times)
                : throw where.Fail($"'times' must be at least 1, is {like.Times}");
        }
        catch (JsonException inner)
        {
            throw where.Fail($"threads that do the same: {JsonProblem.Of(inner)}", inner);
        }
    }

    private OracleThread Thread(JsonElement thread, OraclePlace where)
    {
        if (thread.ValueKind != JsonValueKind.Array)
            throw where.Fail("'threads': expected an array");

        bool jumps = thread.EnumerateArray().Any(IsLabel);
        var own = new ThreadNames(jumps);
        var decoder = new InstructionDecoder(where, _names, own);
        int number = 0;
        foreach (JsonElement instruction in thread.EnumerateArray())
            decoder.Add(instruction, number++);

        return new([.. decoder.Finish()], own.Registers.ToImmutable());
    }

    private static bool IsLabel(JsonElement instruction) =>
        instruction.ValueKind == JsonValueKind.Array
        && instruction.GetArrayLength() > 0
        && instruction[0].ValueKind == JsonValueKind.String
        && instruction[0].ValueEquals(Label);

    /// <summary>What must hold when everybody has finished: a variable, maybe a comparison, and a number.</summary>
    private OracleEnd End(JsonElement element)
    {
        _place.Require(element, JsonValueKind.Array, "each of 'finally'");
        var operands = new OperandDecoder(element, _place, _names, new ThreadNames(jumps: false));
        if (element.GetArrayLength() is not (2 or 3))
            throw _place.Fail("each of 'finally' is a variable, a comparison and a number, like [\"x\",\"==\",1]");

        OracleInstruction variable = operands.OnVariable(0, OracleOpcode.Load);
        Comparison comparison = operands.Count == 2 ? operands.Comparison(1) : Comparison.Equal;
        return new OracleEnd(variable.Target + variable.Index.Plus, comparison, operands.Int(operands.Count));
    }

    private void CheckAnswers(OracleExpectation expect)
    {
        RequireCount("interleavings", expect.Interleavings);
        RequireCount("traces", expect.Traces);
        RequireCount("deadlock_traces", expect.DeadlockTraces);
        RequireCount("states", expect.States);
        RequireCount("transitions", expect.Transitions);
        RequireCount("deadlock_states", expect.DeadlockStates);
        RequireCount("final_states", expect.FinalStates);
        foreach (long traces in expect.TracesByPreemptions)
            RequireCount("traces_by_preemptions", traces);
    }

    private void RequireCount(string name, long count)
    {
        if (count < 0)
            throw _place.Fail($"'{name}' must be a whole number from 0 up");
    }
}
