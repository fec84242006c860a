using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Tests.Conformance;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>The searches against programs whose executions were counted by brute force.</summary>
public sealed class OracleCheckTests
{
    [Theory]
    [InlineData("programs.json")]
    [InlineData("peers.json")]
    public void Every_count_of_every_shared_program_agrees(string file)
    {
        IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(Path.Combine(SharedFolder.Require("oracle"), file));
        Assert.NotEmpty(programs);

        Assert.All(programs, program => Assert.Null(OracleCheck.Check(program)));
    }

    // Two tasks that each write once: 2 orders, 1 trace if they write different variables, 2 if the same.
    [Theory]
    [InlineData("x", "y", 2, 1, 4, 4)]
    [InlineData("x", "x", 2, 2, 5, 4)]
    public void Two_writers_count_as_one_can_by_hand(string first, string second, int interleavings, int traces, int states, int transitions)
    {
        OracleProgram program = Program($$"""
            [[["store","{{first}}",1]],[["store","{{second}}",2]]]
            """, interleavings, traces, states, transitions);

        Assert.Null(OracleCheck.Check(program));
    }

    [Fact]
    public void A_wrong_count_is_reported_by_name()
    {
        OracleProgram program = Program("""[[["store","x",1]],[["store","y",2]]]""", interleavings: 3, traces: 1, states: 4, transitions: 4);

        OracleMismatch? mismatch = OracleCheck.Check(program);

        Assert.Equal(new OracleMismatch("p", "interleavings", 3, 2), mismatch);
    }

    // A lock is held or free, whoever took it and however often. Counted apart from the machine, without any reduction.
    [Fact]
    public void A_lock_has_no_owner()
    {
        OracleProgram program = Only("""
            [{"name":"p","threads":[[["lock","m"]],[["unlock","m"]],[["lock","m"],["unlock","m"]]],
            "expect":{"interleavings":7,"traces":7,"deadlock_traces":1,"traces_by_preemptions":[5,7],
            "states":14,"transitions":17,"deadlock_states":1,"final_states":2}}]
            """);

        Assert.Null(OracleCheck.Check(program));
    }

    // Only one order ends: lock, unlock, lock. An unlock that runs on with the start of its thread would lose it.
    [Fact]
    public void A_thread_that_releases_another_s_lock_lets_the_program_end()
    {
        OracleProgram program = Only("""
            [{"name":"p","threads":[[["lock","m"]],[["unlock","m"],["lock","m"]]],
            "expect":{"interleavings":3,"traces":3,"deadlock_traces":2,"traces_by_preemptions":[2,3],
            "states":7,"transitions":6,"deadlock_states":2,"final_states":1}}]
            """);

        Assert.Null(OracleCheck.Check(program));
    }

    private static OracleProgram Program(string threads, int interleavings, int traces, int states, int transitions)
    {
        string json = $$$"""
            [{"name":"p","threads":{{{threads}}},"expect":{"interleavings":{{{interleavings}}},"traces":{{{traces}}},"deadlock_traces":0,
            "traces_by_preemptions":[{{{traces}}}],"states":{{{states}}},"transitions":{{{transitions}}},"deadlock_states":0,"final_states":{{{traces}}}}}]
            """;
        return Only(json);
    }

    private static OracleProgram Only(string json) => OracleReader.Read(System.Text.Encoding.UTF8.GetBytes(json), "test")[0];
}
