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
        0, 2, "unknown field 'minus' in a stored value")]
    [InlineData("{\"reg\":\"r\",\"plus\":2}", "{\"plus\":2}", 0, 2, "field 'reg' is missing in a stored value")]
    [InlineData("[\"store\",\"y\",3]", "[\"store\",\"y\",3.5]", 0, 3, "a value must be a whole number of 32 bits")]
    [InlineData("[\"unlock\",\"m\"]", "[\"unlock\",\"\"]", 1, 5, "a lock must not be empty")]
    [InlineData("[[\"lock\",\"n\"],[\"await\",\"z\",5]]", "7", 2, null, "a thread must be of JSON type Array, is 7")]
    [InlineData("\"threads\"", "\"thread\"", null, null, "unknown field 'thread' in a program")]
    [InlineData(
        "\"init\":{\"z\":5}", "\"init\":{\"z\":null}",
        null, null, "the start value of 'z' must be of JSON type Number")]
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
    [InlineData("", "not JSON at line 1")]
    [InlineData("[", "not JSON at line 1")]
    [InlineData("{}", "the file must hold an array of programs")]
    [InlineData("[{\"name\":\"a\",\"name\":\"b\"}]", "not JSON: Duplicate property 'name'")]
    public void A_broken_file_is_refused(string text, string reason)
        => Assert.StartsWith(reason, Assert.Throws<OracleFormatException>(() => Read(text)).Reason);

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
