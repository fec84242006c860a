using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Tests.Conformance;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>The searches against programs whose executions were counted by brute force.</summary>
public sealed class OracleCheckTests
{
    [Fact]
    public void Every_count_of_every_shared_program_agrees()
    {
        IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(Path.Combine(SharedFolder.Require("oracle"), "programs.json"));
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

    private static OracleProgram Program(string threads, int interleavings, int traces, int states, int transitions)
    {
        string json = $$$"""
            [{"name":"p","threads":{{{threads}}},"expect":{"interleavings":{{{interleavings}}},"traces":{{{traces}}},"deadlock_traces":0,
            "traces_by_preemptions":[{{{traces}}}],"states":{{{states}}},"transitions":{{{transitions}}},"deadlock_states":0,"final_states":{{{traces}}}}}]
            """;
        return OracleReader.Read(System.Text.Encoding.UTF8.GetBytes(json), "test")[0];
    }
}
