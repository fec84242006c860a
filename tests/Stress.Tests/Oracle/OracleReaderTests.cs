using System.Text;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Tests.Conformance;

namespace Kmaplab.Stress.Tests.Oracle;

public sealed class OracleReaderTests
{
    private const string Program = """
        {"name":"p","init":{"z":5},"threads":[
        [["load","x","r"],["exit-if","r",1],["store","y",{"reg":"r","plus":2}],["store","y",3]],
        [["trylock","m","a"],["exit-unless","a",1],["cas","x",0,-1,"b"],["add","y",4,"a"],["store","x",{"reg":"b"}],
        ["unlock","m"]],
        [["lock","n"],["await","z",5]]],
        "expect":{"interleavings":9,"traces":8,"deadlock_traces":7,"traces_by_preemptions":[1,2],"states":6,
        "transitions":5,"deadlock_states":4,"final_states":3}}
        """;

    [Fact]
    public void Every_instruction_is_read_with_its_names_resolved()
    {
        OracleProgram program = Assert.Single(Read($"[{Program}]"));
        Assert.Equal("p", program.Name);
        Assert.Equal(["z", "x", "y"], program.Variables);
        Assert.Equal([5, 0, 0], program.Initial);
        Assert.Equal(["m", "n"], program.Locks);
        Assert.Equal(["r"], program.Threads[0].Registers);
        Assert.Equal(["a", "b"], program.Threads[1].Registers);

        Assert.Equal(
            [
                new(OracleOpcode.Load, 1, 0, 0, 0),
                new(OracleOpcode.ExitIf, -1, 0, 1, 0),
                new(OracleOpcode.StoreRegister, 2, 0, 2, 0),
                new(OracleOpcode.Store, 2, -1, 3, 0),
            ],
            program.Threads[0].Instructions);
        Assert.Equal(
            [
                new(OracleOpcode.TryLock, 0, 0, 0, 0),
                new(OracleOpcode.ExitUnless, -1, 0, 1, 0),
                new(OracleOpcode.Cas, 1, 1, -1, 0),
                new(OracleOpcode.Add, 2, 0, 4, 0),
                new(OracleOpcode.StoreRegister, 1, 1, 0, 0),
                new(OracleOpcode.Unlock, 0, -1, 0, 0),
            ],
            program.Threads[1].Instructions);
        Assert.Equal(
            [new(OracleOpcode.Lock, 1, -1, 0, 0), new(OracleOpcode.Await, 0, -1, 5, 0)],
            program.Threads[2].Instructions);
    }

    [Fact]
    public void The_answers_are_read_each_into_its_place()
    {
        OracleExpectation expect = Read($"[{Program}]")[0].Expect;
        Assert.Equal((9, 8, 7), (expect.Interleavings, expect.Traces, expect.DeadlockTraces));
        Assert.Equal([1, 2], expect.TracesByPreemptions);
        Assert.Equal((6, 5, 4, 3), (expect.States, expect.Transitions, expect.DeadlockStates, expect.FinalStates));
    }

    [Fact]
    public void Only_the_exits_are_no_steps()
    {
        IEnumerable<OracleOpcode> all = Enum.GetValues<OracleOpcode>();
        IEnumerable<OracleOpcode> local = all.Where(o => !new OracleInstruction(o, 0, 0, 0, 0).IsStep);
        Assert.Equal([OracleOpcode.ExitIf, OracleOpcode.ExitUnless], local);
    }

    [Theory]
    [InlineData("[\"load\",\"x\",\"r\"]", "[\"load\",\"x\"]", 0, 0, "'load' has 1 operands, must have 2")]
    [InlineData("[\"load\",\"x\",\"r\"]", "[\"peek\",\"x\",\"r\"]", 0, 0, "unknown instruction 'peek'")]
    [InlineData("[\"load\",\"x\",\"r\"]", "[]", 0, 0, "an instruction needs a name")]
    [InlineData("[\"load\",\"x\",\"r\"]", "{}", 0, 0, "an instruction must be of JSON type Array, is {}")]
    [InlineData("[\"load\",\"x\",\"r\"]", "[\"load\",7,\"r\"]", 0, 0, "a variable must be of JSON type String, is 7")]
    [InlineData("[\"exit-if\",\"r\",1]", "[\"exit-if\",\"q\",1]", 0, 1, "register 'q' is read before it is written")]
    [InlineData(
        "{\"reg\":\"r\",\"plus\":2}", "{\"reg\":\"r\",\"minus\":2}",
        0, 2, "a stored value: unknown field 'minus'")]
    [InlineData("{\"reg\":\"r\",\"plus\":2}", "{\"plus\":2}", 0, 2, "a stored value: field 'reg' is missing")]
    [InlineData("[\"store\",\"y\",3]", "[\"store\",\"y\",3.5]", 0, 3, "a value must be a whole number of 32 bits")]
    [InlineData("[\"unlock\",\"m\"]", "[\"unlock\",\"\"]", 1, 5, "a lock must not be empty")]
    [InlineData("[[\"lock\",\"n\"],[\"await\",\"z\",5]]", "7", 2, null, "'threads': expected an array")]
    [InlineData("\"threads\"", "\"thread\"", null, null, "unknown field 'thread'")]
    [InlineData(
        "\"init\":{\"z\":5}", "\"init\":{\"z\":null}",
        null, null, "'z': expected a whole number of 32 bits")]
    [InlineData("\"states\":6,", "", null, null, "field 'states' is missing in 'expect'")]
    [InlineData("\"states\":6,", "\"states\":-6,", null, null, "'states' must be a whole number from 0 up")]
    public void A_broken_program_is_refused_where_it_is_broken(
        string good, string bad, int? thread, int? instruction, string reason)
    {
        string text = $"[{Program}]";
        Assert.Contains(good, text);
        var e = Assert.Throws<OracleFormatException>(() => Read(text.Replace(good, bad)));
        Assert.Equal(("x", thread, instruction), (e.File, e.Thread, e.Instruction));
        Assert.Contains(e.Program, (string?[])["p", "#0"]);
        Assert.StartsWith(reason, e.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not JSON at byte 1")]
    [InlineData("[", "not JSON at byte 2")]
    [InlineData("{}", "expected an array")]
    [InlineData("[{\"name\":\"a\",\"name\":\"b\"}]", "field 'name' appears twice")]
    public void A_broken_file_is_refused(string text, string reason)
        => Assert.StartsWith(reason, Assert.Throws<OracleFormatException>(() => Read(text)).Reason);

    [Theory]
    [InlineData("{\"reg\":\"r\",\"plus\":2}", "{\"reg\":\"r\",\"plus\":2,\"plus\":3}")]
    [InlineData("{\"reg\":\"r\",\"plus\":2}", "{\"reg\":\"r\",\"plus\":null}")]
    [InlineData("{\"reg\":\"r\",\"plus\":2}", "{\"Reg\":\"r\",\"plus\":2}")]
    [InlineData("\"init\":{\"z\":5}", "\"init\":{\"z\":5,\"z\":6}")]
    [InlineData("\"init\":{\"z\":5}", "\"init\":null")]
    [InlineData("\"threads\":[", "\"threads\":[null,")]
    [InlineData("\"name\":\"p\"", "\"name\":null")]
    public void What_a_lenient_reader_would_pass_over_is_refused(string good, string bad)
    {
        string text = $"[{Program}]";
        Assert.Contains(good, text);
        var e = Assert.Throws<OracleFormatException>(() => Read(text.Replace(good, bad)));
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Every_answer_that_is_missing_doubled_renamed_or_null_is_refused()
    {
        string[] answers =
        [
            "interleavings",
            "traces",
            "deadlock_traces",
            "traces_by_preemptions",
            "states",
            "transitions",
            "deadlock_states",
            "final_states",
        ];
        foreach (string answer in answers)
        {
            string member = System
                .Text.RegularExpressions.Regex.Match(Program, $"\"{answer}\":(\\[[^]]*\\]|[0-9]+)")
                .Value;
            foreach (
                string bad in (string[])
                    [
                        $"{member},{member}",
                        member.Replace(answer, answer + "_"),
                        $"\"{answer}\":null",
                        $"\"{answer}\":\"1\"",
                    ])
                Assert.Throws<OracleFormatException>(() => Read($"[{Program.Replace(member, bad)}]"));

            Assert.Throws<OracleFormatException>(() => Read($"[{Program.Replace(member, "\"x\":1")}]"));
        }
    }

    [Fact]
    public void Two_programs_of_one_name_are_refused()
    {
        var e = Assert.Throws<OracleFormatException>(() => Read($"[{Program},{Program}]"));
        Assert.Equal("x: program 'p': an earlier program has the same name", e.Message);
    }

    [Fact]
    public void Every_shared_program_is_read()
    {
        IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(SharedFolder.Require("oracle/programs.json"));
        Assert.NotEmpty(programs);
        Assert.All(programs, program => Assert.True(program.Expect.FinalStates + program.Expect.DeadlockStates > 0));
    }

    private static IReadOnlyList<OracleProgram> Read(string text)
        => OracleReader.Read(Encoding.UTF8.GetBytes(text), "x");
}
