using System.Text.Json;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>What <c>oracle</c> says about programs that it can compare only in part, or not at all.</summary>
public sealed class OracleCommandTests : CommandLineTest
{
    [Fact]
    public void A_program_that_is_compared_in_part_is_told_and_counted()
    {
        Assert.Equal(0, Run("oracle", Programs(OracleCheckTests.TwoWriters(11, 705_432, "[1]"))));

        Assert.Contains(
            "p: not compared: interleavings, traces of all interleavings, all but the last item of "
            + "traces_by_preemptions, and how many there are: "
                + "more than 200000 interleavings",
            Out,
            StringComparison.Ordinal);
        Assert.Contains("1 program, 0 mismatches, 1 compared only in part; ", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_tells_every_mismatch_and_what_was_not_compared()
    {
        JsonElement report = RunForJson(1, "oracle", Programs(OracleCheckTests.TwoWriters(11, 7, "[9]")));

        Assert.Equal(2, report.GetProperty("mismatches").GetInt32());
        Assert.Equal(2, report.GetProperty("all").GetArrayLength());
        Assert.Equal(1, report.GetProperty("comparedInPart").GetInt32());
        JsonElement gap = Assert.Single(report.GetProperty("notCompared").EnumerateArray());
        Assert.Equal("p", gap.GetProperty("program").GetString());
        Assert.Equal("interleavings", gap.GetProperty("what")[0].GetString());
    }

    [Theory]
    [InlineData(65)]
    [InlineData(200)]
    public void More_threads_than_the_machine_has_contexts_are_refused(int threads)
    {
        string file = Programs(Threads(threads));

        AssertRefused(
            $"{file}: program 'p': a program can have 64 threads at most, this has {threads}",
            "oracle",
            file);
    }

    [Fact]
    public void As_many_threads_as_the_machine_has_contexts_are_compared() =>
        Assert.Equal(0, Run("oracle", Programs(Threads(64))));

    [Fact]
    public void Property_names_that_are_not_utf8_are_refused()
    {
        string file = Programs(Threads(1));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf("threads"u8)] = 0xff;
        File.WriteAllBytes(file, bytes);

        AssertRefused($"{file}: not valid UTF-8, as JSON must be", "oracle", file);
    }

    [Fact]
    public void A_name_steers_no_terminal()
    {
        Assert.Equal(
            1,
            Run(
                "oracle",
                Programs(
                    OracleCheckTests
                        .TwoWriters(11, 7, "[9]")
                        .Replace("\"p\"", "\"p\\u001b[2J\\n\"", StringComparison.Ordinal))));

        Assert.Contains("p\\u001b[2J\\n: interleavings", Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', Out);
    }

    // Only one of them does anything.
    private static string Threads(int threads) => $$"""
        [{"name":"p","threads":[[["store","x",1]]{{string.Concat(Enumerable.Repeat(",[]", threads - 1))}}],
        "expect":{"interleavings":1,"traces":1,"deadlock_traces":0,"traces_by_preemptions":[1],
        "states":2,"transitions":1,"deadlock_states":0,"final_states":1} }]
        """;

    private string Programs(string json)
    {
        string file = Path.Combine(Folder, "programs.json");
        File.WriteAllText(file, json);
        return file;
    }
}
