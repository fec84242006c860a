using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Oracle.Reading;
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
        IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(
            Path.Combine(SharedFolder.Require("oracle"), file));
        Assert.NotEmpty(programs);

        Assert.All(programs, program =>
        {
            OracleOutcome outcome = OracleCheck.Check(program, TestContext.Current.CancellationToken);
            Assert.Empty(outcome.Mismatches);
            Assert.Equal(program.Expect.Interleavings > OracleCheck.InterleavingsMax, outcome.NotCompared.Count > 0);
        });
    }

    // Two tasks that each write once: 2 orders, 1 trace if they write different variables, 2 if the same.
    [Theory]
    [InlineData("x", "y", 2, 1, 4, 4)]
    [InlineData("x", "x", 2, 2, 5, 4)]
    public void Two_writers_count_as_one_can_by_hand(
        string first,
        string second,
        int interleavings,
        int traces,
        int states,
        int transitions)
    {
        OracleProgram program = Program($$"""
            [[["store","{{first}}",1]],[["store","{{second}}",2]]]
            """, interleavings, traces, states, transitions);

        AssertAgrees(program);
    }

    [Fact]
    public void A_wrong_count_is_reported_by_name()
    {
        OracleProgram program = Program(
            """[[["store","x",1]],[["store","y",2]]]""",
            interleavings: 3,
            traces: 1,
            states: 4,
            transitions: 4);

        Assert.Equal(
            [new OracleMismatch("p", "interleavings", 3, 2)],
            OracleCheck.Check(program, TestContext.Current.CancellationToken).Mismatches);
    }

    [Fact]
    public void Every_difference_of_a_program_is_told()
    {
        OracleProgram program = Program(
            """[[["store","x",1]],[["store","y",2]]]""",
            interleavings: 3,
            traces: 1,
            states: 5,
            transitions: 6);

        string[] different =
        [
            .. OracleCheck
                .Check(program, TestContext.Current.CancellationToken)
                .Mismatches.Select(mismatch => mismatch.What),
        ];

        Assert.Equal(["states", "transitions", "interleavings"], different);
    }

    // The program of the test below, which has 3 traces: 2 need no preemption, the third needs one.
    [Theory]
    [InlineData("[2,3]", null)]
    [InlineData("[2]", "length of traces_by_preemptions: 1, not 2")]
    [InlineData("[2,3,3]", "length of traces_by_preemptions: 3, not 2")]
    [InlineData("[]", "length of traces_by_preemptions: 0, not 2")]
    [InlineData("[1,3]", "traces_by_preemptions[0]: 1, not 2")]
    [InlineData("[2,3,9]", "length of traces_by_preemptions: 3, not 2; traces_by_preemptions[2]: 9, not 3")]
    public void A_vector_that_is_wrong_or_too_short_or_too_long_is_a_mismatch(string vector, string? mismatches)
    {
        OracleProgram program = Only($$"""
            [{"name":"p","threads":[[["lock","m"]],[["unlock","m"],["lock","m"]]],
            "expect":{"interleavings":3,"traces":3,"deadlock_traces":2,"traces_by_preemptions":{{vector}},
            "states":7,"transitions":6,"deadlock_states":2,"final_states":1} }]
            """);

        Assert.Equal(mismatches ?? "", Told(program));
        Assert.Empty(OracleCheck.Check(program, TestContext.Current.CancellationToken).NotCompared);
    }

    // Two threads of ten writes to variables of their own: 20 over 10 interleavings make 184 756, two more writes 705
    // 432.
    [Theory]
    [InlineData(10, 184_756, "[1]", "", false)]
    [InlineData(11, 705_432, "[1]", "", true)]
    [InlineData(11, 705_432, "[9]", "last item of traces_by_preemptions: 9, not 1", true)]
    [InlineData(11, 705_432, "[]", "last item of traces_by_preemptions: 0, not 1", true)]
    [InlineData(11, 705_432, "[1,1]", "length of traces_by_preemptions: 2, not 1", true)]
    [InlineData(11, 7, "[1]", "interleavings (there are at least as many as got): 7, not 200001", true)]
    [InlineData(10, 705_432, "[1]", "interleavings: 705432, not 184756", false)]
    public void What_is_not_compared_is_said_and_the_rest_is_compared(
        int writes,
        int interleavings,
        string vector,
        string mismatches,
        bool inPart)
    {
        OracleProgram program = Only(TwoWriters(writes, interleavings, vector));

        Assert.Equal(mismatches, Told(program));
        Assert.Equal(inPart, OracleCheck.Check(program, TestContext.Current.CancellationToken).NotCompared.Count > 0);
    }

    internal static string TwoWriters(int writes, int interleavings, string vector)
    {
        string first = string.Join(",", Enumerable.Repeat("""["store","x",1]""", writes));
        int states = (writes + 1) * (writes + 1);
        int transitions = 2 * writes * (writes + 1);
        return $$"""
            [{"name":"p","threads":[[{{first}}],[{{first.Replace("x", "y", StringComparison.Ordinal)}}]],
            "expect":{"interleavings":{{interleavings}},"traces":1,"deadlock_traces":0,"traces_by_preemptions":{{vector}},
            "states":{{states}},"transitions":{{transitions}},"deadlock_states":0,"final_states":1} }]
            """;
    }

    private static string Told(OracleProgram program) =>
        string.Join(
            "; ",
            OracleCheck
                .Check(program, TestContext.Current.CancellationToken)
                .Mismatches.Select(wrong => $"{wrong.What}: {wrong.Expected}, not {wrong.Got}"));

    private static void AssertAgrees(OracleProgram program)
    {
        OracleOutcome outcome = OracleCheck.Check(program, TestContext.Current.CancellationToken);
        Assert.Empty(outcome.Mismatches);
        Assert.Empty(outcome.NotCompared);
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

        AssertAgrees(program);
    }

    // Only one order ends: lock, unlock, lock. An unlock that runs on with the start of its thread would lose it.
    [Fact]
    public void A_thread_that_releases_another_s_lock_lets_the_program_end()
    {
        OracleProgram program = Only("""
            [{"name":"p","threads":[[["lock","m"]],[["unlock","m"],["lock","m"]]],
            "expect":{"interleavings":3,"traces":3,"deadlock_traces":2,"traces_by_preemptions":[2,3],
            "states":7,"transitions":6,"deadlock_states":2,"final_states":1} }]
            """);

        AssertAgrees(program);
    }

    [Fact]
    public void Values_that_grow_for_long_and_stop_are_counted()
    {
        const int Stores = 131; // Enough for a search to wonder whether they ever stop.
        string stores = string.Join(",", Enumerable.Range(1, Stores).Select(value => $"""["store","x",{value}]"""));

        AssertAgrees(Program($"[[{stores}]]", interleavings: 1, traces: 1, states: Stores + 1, transitions: Stores));
    }

    private static OracleProgram Program(string threads, int interleavings, int traces, int states, int transitions)
    {
        string json = $$$"""
            [{"name":"p","threads":{{{threads}}},"expect":{"interleavings":{{{interleavings}}},"traces":{{{traces}}},"deadlock_traces":0,
            "traces_by_preemptions":[{{{traces}}}],"states":{{{states}}},"transitions":{{{transitions}}},"deadlock_states":0,"final_states":{{{traces}}}}}]
            """;
        return Only(json);
    }

    private static OracleProgram Only(string json) =>
        OracleReader.Read(System.Text.Encoding.UTF8.GetBytes(json), "test")[0];
}
