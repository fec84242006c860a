using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Oracle.Reading;
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

        OracleValue one = OracleValue.Of(1);
        Assert.Equal(
            [
                new(OracleOpcode.Load) { Target = 1, Register = 0 },
                new(OracleOpcode.Branch) { Register = 0, Value = one, Destination = 4, Number = 1 },
                new(OracleOpcode.Store) { Target = 2, Value = new OracleValue(0, 2), Number = 2 },
                new(OracleOpcode.Store) { Target = 2, Value = OracleValue.Of(3), Number = 3 },
            ],
            program.Threads[0].Instructions);
        Assert.Equal(
            [
                new(OracleOpcode.TryLock) { Register = 0 },
                new(OracleOpcode.Branch)
                {
                    Register = 0,
                    Value = one,
                    Comparison = Comparison.NotEqual,
                    Destination = 6,
                    Number = 1,
                },
                new(OracleOpcode.Cas) { Target = 1, Value = OracleValue.Of(-1), Register = 1, Number = 2 },
                new(OracleOpcode.Add) { Target = 2, Value = OracleValue.Of(4), Register = 0, Number = 3 },
                new(OracleOpcode.Store) { Target = 1, Value = new OracleValue(1, 0), Number = 4 },
                new(OracleOpcode.Unlock) { Number = 5 },
            ],
            program.Threads[1].Instructions);
        Assert.Equal(
            [
                new(OracleOpcode.Lock) { Target = 1 },
                new(OracleOpcode.Await) { Value = OracleValue.Of(5), Number = 1 },
            ],
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
    public void Branches_calculations_and_assertions_are_no_steps()
    {
        IEnumerable<OracleOpcode> all = Enum.GetValues<OracleOpcode>();
        IEnumerable<OracleOpcode> local = all.Where(opcode => !new OracleInstruction(opcode).IsStep);
        Assert.Equal([OracleOpcode.Branch, OracleOpcode.Compute, OracleOpcode.Assert], local);
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
        null, null, "'z': expected a whole number of 32 bits, or an array of them")]
    [InlineData("\"init\":{\"z\":5}", "\"init\":{\"z\":[]}", null, null, "the array 'z' has 0 elements")]
    [InlineData("\"init\":{\"z\":5}", "\"init\":{\"z\":[5]}", 2, 1, "'z' is an array: say which element")]
    [InlineData("[\"unlock\",\"m\"]", "[\"jump\",\"far\"]", 1, 5, "there is no label 'far' in this thread")]
    [InlineData("[\"await\",\"z\",5]", "[\"await\",\"z\",\"=\",5]", 2, 1, "'=' is no comparison: ==, !=, <")]
    [InlineData("[\"await\",\"z\",5]", "[\"await\",\"z\"]", 2, 1, "'await' has 1 operands, must have 2 or 3")]
    [InlineData("[\"await\",\"z\",5]", "[\"send\",\"z\",5]", 2, 1, "there is no channel 'z': 'channels' declares")]
    [InlineData("[\"await\",\"z\",5]", "[\"choose\",0,\"r\"]", 2, 1, "a choice is among 1 to 64, not 0")]
    [InlineData("[\"await\",\"z\",5]", "[\"assert\",\"q\",5]", 2, 1, "register 'q' is read before it is written")]
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
