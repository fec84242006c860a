using System.Collections.Immutable;
using System.Text.Json;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Oracle;

/// <summary>Reads one program and gives its variables and locks their indices, in order of appearance.</summary>
internal sealed class ProgramDecoder(JsonElement element, OraclePlace place)
{
    private const int InstructionsMax = 1_000; // Executions are gone through recursively.

    private static readonly string[] s_fields = ["name", "threads", "expect"];

    private static readonly string[] s_answers =
    [
        "interleavings", "traces", "deadlock_traces", "traces_by_preemptions", "states", "transitions",
        "deadlock_states", "final_states",
    ];

    private readonly NameTable _variables = new();
    private readonly NameTable _locks = new();
    private readonly List<int> _initial = [];
    private OraclePlace _place = place;

    public OracleProgram Decode()
    {
        _place.RequireFields(element, "a program", s_fields, optional: "init");
        string name = _place.Name(element.GetProperty("name"), "the name");
        _place = _place with { Program = name };
        if (element.TryGetProperty("init", out JsonElement init))
            DecodeInitial(init);

        ImmutableArray<OracleThread> threads = Threads(element.GetProperty("threads"));
        while (_initial.Count < _variables.Count)
            _initial.Add(0);

        return new()
        {
            Name = name,
            Variables = _variables.ToImmutable(),
            Initial = [.. _initial],
            Locks = _locks.ToImmutable(),
            Threads = threads,
            Expect = Expectation(element.GetProperty("expect")),
        };
    }

    private void DecodeInitial(JsonElement init)
    {
        _place.Require(init, JsonValueKind.Object, "'init'");
        foreach (JsonProperty variable in init.EnumerateObject())
        {
            _variables.IndexOf(variable.Name);
            _initial.Add(_place.Int(variable.Value, $"the start value of '{variable.Name}'"));
        }
    }

    private ImmutableArray<OracleThread> Threads(JsonElement threads)
    {
        _place.Require(threads, JsonValueKind.Array, "'threads'");
        var decoded = new List<OracleThread>();
        foreach (JsonElement thread in threads.EnumerateArray())
        {
            OraclePlace where = _place with { Thread = decoded.Count };
            where.Require(thread, JsonValueKind.Array, "a thread");
            decoded.Add(Thread(thread, where));
        }

        if (decoded.Count > Transition.MaxContexts)
            throw _place.Fail($"a program can have {Transition.MaxContexts} threads at most, this has {decoded.Count}");

        int instructions = decoded.Sum(thread => thread.Instructions.Length);
        if (instructions > InstructionsMax)
            throw _place.Fail($"a program can have {InstructionsMax} instructions at most, this has {instructions}");

        return decoded.Count > 0 ? [.. decoded] : throw _place.Fail("a program needs a thread");
    }

    private OracleThread Thread(JsonElement thread, OraclePlace where)
    {
        var registers = new NameTable();
        var instructions = new List<OracleInstruction>();
        foreach (JsonElement instruction in thread.EnumerateArray())
        {
            OraclePlace here = where with { Instruction = instructions.Count };
            instructions.Add(new InstructionDecoder(instruction, here, _variables, _locks, registers).Decode());
        }

        return new([.. instructions], registers.ToImmutable());
    }

    private OracleExpectation Expectation(JsonElement expect)
    {
        _place.RequireFields(expect, "'expect'", s_answers);
        return new()
        {
            Interleavings = Answer(expect, "interleavings"),
            Traces = Answer(expect, "traces"),
            DeadlockTraces = Answer(expect, "deadlock_traces"),
            TracesByPreemptions = Answers(expect.GetProperty("traces_by_preemptions")),
            States = Answer(expect, "states"),
            Transitions = Answer(expect, "transitions"),
            DeadlockStates = Answer(expect, "deadlock_states"),
            FinalStates = Answer(expect, "final_states"),
        };
    }

    private long Answer(JsonElement expect, string name) => _place.Count(expect.GetProperty(name), $"'{name}'");

    private ImmutableArray<long> Answers(JsonElement list)
    {
        _place.Require(list, JsonValueKind.Array, "'traces_by_preemptions'");
        return [.. list.EnumerateArray().Select(e => _place.Count(e, "an item of 'traces_by_preemptions'"))];
    }
}
