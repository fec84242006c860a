using System.Text.Json;
using System.Threading;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>What `kmaplab conform` and `kmaplab record` tell people and scripts.</summary>
public sealed class ConformCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;
    private readonly StringWriter _stdout = new();
    private readonly StringWriter _stderr = new();

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Agreement_is_one_line_and_exit_code_0()
    {
        Assert.Equal(0, Conform(RecordedTraces.Folder));
        Assert.Equal($"{RecordedTraces.All.Count} traces, 3587 steps, 0 mismatches\n", _stdout.ToString());
    }

    [Fact]
    public void Json_is_one_object_with_the_first_difference()
    {
        string file = Write("t.jsonl", TraceSamples.Coarse.Replace("\"pkmap_count\":[2]", "\"pkmap_count\":[3]"));

        Assert.Equal(1, Conform(file, json: true));

        JsonElement report = JsonDocument.Parse(_stdout.ToString()).RootElement;
        Assert.Equal(1, report.GetProperty("traces").GetInt32());
        Assert.Equal(0, report.GetProperty("steps").GetInt32());
        Assert.Equal(1, report.GetProperty("mismatches").GetInt32());
        JsonElement difference = report.GetProperty("first").GetProperty("differences")[0];
        Assert.Equal("pkmap_count[0]", difference.GetProperty("field").GetString());
        Assert.Equal("3", difference.GetProperty("expected").GetString());
        Assert.Equal("2", difference.GetProperty("got").GetString());
    }

    [Fact]
    public void The_first_difference_is_shown_field_by_field_with_the_steps_before_it()
    {
        string wrong = TraceSamples
            .Coarse.Replace("\"woken\":[1]", "\"woken\":[0]")
            .Replace("[\"idle\",\"ready\"]", "[\"idle\",\"prep\"]");
        string file = Write("t.jsonl", wrong);

        Assert.Equal(1, Conform(file));
        Assert.Equal(
            $"""
            1 trace, 2 steps, 1 mismatch
            {file}:4: step 3: task 0 kunmap page 0, wakes [0]
              field     expected  got
              woken     [0]       [1]
              tasks[1]  prep      ready
              before that
                step 1: task 0 kmap page 0 = 0xffc00000
                step 2: task 1 kmap page 1, sleeps

            """,
            _stdout.ToString());
    }

    [Theory]
    [InlineData("\"page_shift\":12", "\"page_shift\":13", 1, "'page_shift' is 13; the port has 12 only")]
    [InlineData("\"pkmap_base\":4290772992", "\"pkmap_base\":4294967295", 1, "1 slots from 4294967295 do not fit")]
    [InlineData("\"profile\"", "\"colour\":1,\"profile\"", 1, "'colour'")]
    [InlineData("{\"i\":3,\"task\":0,", "{\"i\":3,\"task\":1,", 4, "task 1 is 'asleep' and cannot start an operation")]
    [InlineData(
        "{\"i\":2,\"task\":1,\"op\":\"kmap\"",
        "{\"i\":2,\"task\":1,\"op\":\"resume\"",
        3,
        "task 1 is 'idle' and cannot resume")]
    [InlineData("{\"end\":\"bug\",\"steps\":4}\n", "", 6, "the end")]
    public void A_trace_that_cannot_be_replayed_is_named_with_line_and_reason(
        string old,
        string bad,
        int line,
        string reason)
    {
        string file = Write("t.jsonl", TraceSamples.Coarse.Replace(old, bad));

        Assert.Equal(2, Conform(file));
        Assert.StartsWith($"kmaplab: {file}:{line}: ", _stderr.ToString());
        Assert.Contains(reason, _stderr.ToString());
        Assert.Single(_stderr.ToString().TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("\"n_types\":5", "'n_types' is 5; the port has 27 only")]
    [InlineData("\"page_offset\":3221225472", "'page_offset'")]
    public void An_atomic_trace_of_another_machine_is_refused(string field, string reason)
    {
        string text = field.StartsWith("\"page_offset\"", StringComparison.Ordinal)
            ? TraceSamples.Atomic.Replace(field, "\"page_offset\":2147483648")
            : TraceSamples.Atomic;

        Assert.Equal(2, Conform(Write("t.jsonl", text)));
        Assert.Contains(reason, _stderr.ToString());
    }

    [Fact]
    public void A_broken_gzip_is_exit_code_2()
    {
        byte[] whole = File.ReadAllBytes(RecordedTraces.FileOf("coarse-1"));
        string file = Path.Combine(_folder, "t.jsonl.gz");
        File.WriteAllBytes(file, whole[..(whole.Length / 2)]);

        Assert.Equal(2, Conform(file));
        Assert.StartsWith($"kmaplab: {file}", _stderr.ToString());
    }

    [Fact]
    public void A_path_without_traces_is_exit_code_2()
    {
        Assert.Equal(2, Conform(_folder));
        Assert.Equal(2, Conform(Path.Combine(_folder, "none")));
    }

    [Fact]
    public void What_is_recorded_conforms()
    {
        string file = Path.Combine(_folder, "t.jsonl.gz");

        Assert.Equal(0, Run("record", file, "--seed", "7"));
        Assert.Equal(0, Conform(file));
    }

    [Theory]
    [InlineData("t.txt", 2, "'t.txt' is no name for a trace")]
    [InlineData("t.jsonl", 3, "3 slots: LAST_PKMAP is a power of two")]
    public void What_cannot_be_recorded_is_exit_code_2(string file, int slots, string reason)
    {
        Assert.Equal(2, Run("record", file, "--slots", $"{slots}"));
        Assert.StartsWith($"kmaplab: {reason}", _stderr.ToString());
    }

    [Fact]
    public void What_is_recorded_is_told_as_one_json_object()
    {
        string file = Path.Combine(_folder, "t.jsonl");

        Assert.Equal(0, Run("record", file, "--seed", "7", "--json"));

        JsonElement report = JsonDocument.Parse(_stdout.ToString()).RootElement;
        Assert.Equal(file, report.GetProperty("file").GetString());
        Assert.Equal(7, report.GetProperty("seed").GetInt32());
        Assert.Equal(200, report.GetProperty("steps").GetInt32());
    }

    [Theory]
    [InlineData("missing/t.jsonl")]
    [InlineData("folder.jsonl")]
    public void A_place_that_cannot_be_written_is_refused_and_nothing_half_written_is_left(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "folder.jsonl"));

        Assert.Equal(2, Run("record", Path.Combine(_folder, name)));

        Assert.StartsWith($"kmaplab: '{Path.Combine(_folder, name)}' cannot be written: ", _stderr.ToString());
        Assert.Single(_stderr.ToString().TrimEnd('\n').Split('\n'));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void An_interrupted_recording_writes_nothing_and_says_so()
    {
        Assert.Equal(3, RunInterrupted("record", Path.Combine(_folder, "t.jsonl")));
        Assert.Contains("interrupted", _stdout.ToString());
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void An_interrupted_comparison_says_how_many_traces_are_left()
    {
        Assert.Equal(3, RunInterrupted("conform", RecordedTraces.Folder));
        Assert.Contains($"interrupted: {RecordedTraces.All.Count} traces are not compared", _stdout.ToString());
    }

    private int Conform(string path, bool json = false) => json ? Run("conform", path, "--json") : Run("conform", path);

    private int Run(params string[] args) => LabProgram.Run(args, new Terminal(_stdout, _stderr));

    private int RunInterrupted(params string[] args) =>
        LabProgram.Run(args, new Terminal(_stdout, _stderr, Cancellation: new CancellationToken(canceled: true)));

    private string Write(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
