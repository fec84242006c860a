using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Oracle;

/// <summary>Makes a program of a line; gives its variables and locks their indices, in order of appearance.</summary>
internal sealed class ProgramDecoder(ProgramLine line, OraclePlace place)
{
    private const int InstructionsMax = 1_000; // Executions are gone through recursively.

    private readonly NameTable _variables = new();
    private readonly NameTable _locks = new();
    private OraclePlace _place = place;

    public OracleProgram Decode()
    {
        if (line.Name == "")
            throw _place.Fail("the name must not be empty");

        _place = _place with { Program = line.Name };
        foreach (string variable in line.Init.Keys)
            _variables.IndexOf(variable);

        ImmutableArray<OracleThread> threads = Threads();
        OracleExpectation expect = line.Expect ?? OracleExpectation.Unknown;
        CheckAnswers(expect);
        return new()
        {
            Name = line.Name,
            Variables = _variables.ToImmutable(),
            Initial = [.. line.Init.Values, .. Enumerable.Repeat(0, _variables.Count - line.Init.Count)],
            Locks = _locks.ToImmutable(),
            Threads = threads,
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

        if (line.Threads.Length > Transition.MaxContexts)
            throw _place.Fail(
                $"a program can have {Transition.MaxContexts} threads at most, this has {line.Threads.Length}");

        OracleThread[] threads = [.. line.Threads.Select(Thread)];
        int instructions = threads.Sum(thread => thread.Instructions.Length);
        if (instructions > InstructionsMax)
            throw _place.Fail($"a program can have {InstructionsMax} instructions at most, this has {instructions}");

        return [.. threads];
    }

    private OracleThread Thread(JsonElement[]? thread, int index)
    {
        OraclePlace where = _place with { Thread = index };
        if (thread is null)
            throw where.Fail("a thread must not be null");

        var registers = new NameTable();
        var instructions = new List<OracleInstruction>();
        foreach (JsonElement instruction in thread)
        {
            OraclePlace here = where with { Instruction = instructions.Count };
            instructions.Add(new InstructionDecoder(instruction, here, _variables, _locks, registers).Decode());
        }

        return new([.. instructions], registers.ToImmutable());
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
