using System.IO.Compression;
using Kmaplab.Stress.Conformance.Comparison;
using Kmaplab.Stress.Conformance.Recording;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>The port does what the kernel's own code did, and whoever does not is caught.</summary>
public sealed class ConformerTests
{
    public static TheoryData<string> Names => RecordedTraces.Names;

    public static TheoryData<string> WrongPortNames => [.. WrongPorts.All.Keys];

    [Fact]
    public void The_port_agrees_with_every_trace_of_the_kernels_own_code()
    {
        ConformanceReport report = new Conformer().CompareAll(
            SharedFolder.Require("golden"),
            Environment.ProcessorCount);

        Assert.True(report.Mismatches == 0, $"{report}\n{report.First}");
        Assert.True(report.Steps > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_port_agrees_with_what_it_did_when_it_was_recorded(string name)
    {
        ConformanceReport report = new Conformer().CompareAll(RecordedTraces.FileOf(name));

        Assert.True(report.Mismatches == 0, report.First?.ToString());
        Assert.True(report.Steps > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Recording_with_the_same_options_makes_the_same_trace_byte_for_byte(string name)
    {
        var again = new MemoryStream();
        TraceRecorder.Record(RecordedTraces.All[name]).WriteTo(again);

        var kept = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(RecordedTraces.FileOf(name)), CompressionMode.Decompress))
            gzip.CopyTo(kept);

        Assert.True(kept.ToArray().AsSpan().SequenceEqual(again.ToArray()));
    }

    [Theory]
    [MemberData(nameof(WrongPortNames))]
    public void A_port_with_one_line_changed_is_caught(string wrong)
    {
        ConformanceReport report = new Conformer(WrongPorts.All[wrong]).CompareAll(RecordedTraces.Folder);

        Assert.True(report.Mismatches > 0, $"a port that {wrong} passes for right");
        Assert.NotEmpty(report.First!.Differences);
    }

    [Fact]
    public void Comparing_several_traces_at_once_reports_the_same()
    {
        var conformer = new Conformer(WrongPorts.All["never wakes"]);

        ConformanceReport one = conformer.CompareAll(RecordedTraces.Folder, jobs: 1);
        ConformanceReport several = conformer.CompareAll(RecordedTraces.Folder, jobs: 4);

        Assert.Equal(
            (one.Steps, one.Mismatches, one.First!.ToString()),
            (several.Steps, several.Mismatches, several.First!.ToString()));
    }
}
