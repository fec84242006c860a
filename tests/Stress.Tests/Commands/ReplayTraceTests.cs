using System.Text.Json;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>replay --trace: a table for people, the same and more with --json.</summary>
public sealed class ReplayTraceTests : CommandLineTest
{
    [Fact]
    public void With_json_each_step_tells_who_where_and_what_has_changed()
    {
        JsonElement report = RunForJson(ExitCode.Clean, "replay", Schedule(), "--trace");

        JsonElement[] steps = [.. report.GetProperty("trace").EnumerateArray()];
        Assert.Equal(report.GetProperty("steps").GetInt32(), steps.Length);
        JsonElement first = steps[0].GetProperty("operations")[0];
        Assert.Equal("spin_lock(kmap_lock)", first.GetProperty("text").GetString());
        Assert.Equal(steps[0].GetProperty("context").GetInt32(), steps[0].GetProperty("cpu").GetInt32());
        JsonElement call = first.GetProperty("calls")[0];
        Assert.Equal("kmap_high", call.GetProperty("function").GetString());
        Assert.Equal("HighMemory.Pkmap.cs", call.GetProperty("file").GetString());
        Assert.True(call.GetProperty("line").GetInt32() > 0);
        JsonElement change = first.GetProperty("changes").EnumerateArray()
            .Single(change => change.GetProperty("name").GetString() == "kmap_lock");
        Assert.Equal("free", change.GetProperty("before").GetString());
        Assert.Equal(0, change.GetProperty("words")[0].GetProperty("before").GetInt32());
    }

    [Fact]
    public void Without_trace_json_has_none()
    {
        Run("replay", Schedule(), "--json");

        Assert.DoesNotContain("\"trace\"", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_names_files_and_lines_only_if_asked_to()
    {
        string schedule = Schedule();
        Run("replay", schedule, "--trace");
        Assert.DoesNotContain(".cs", Out, StringComparison.Ordinal);

        Run("replay", schedule, "--trace", "--source");
        Assert.Matches(@"in kmap_high, HighMemory\.Pkmap\.cs:\s*(\|\s*)?\n[ |]+\d+: spin_lock\(kmap_lock\)", Out);
    }

    [Fact]
    public void Lines_without_a_trace_are_refused() =>
        AssertRefused("--source is for a trace: give --trace as well", "replay", Schedule(), "--source");

    private string Schedule()
    {
        Run("explore", "no-wakeup", "--no-minimize");
        return Directory.GetFiles(Folder, "*.schedule")[0];
    }
}
