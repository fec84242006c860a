using System.IO.Compression;
using Kmaplab.Stress.Conformance;
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
        ConformanceReport report = Conformer.CompareAll(SharedFolder.Require("golden"));

        Assert.True(report.Mismatches == 0, $"{report}\n{report.First}");
        Assert.True(report.Steps > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_port_agrees_with_what_it_did_when_it_was_recorded(string name)
    {
        var conformer = new Conformer();

        Assert.True(conformer.Compare(RecordedTraces.FileOf(name)), conformer.Report.First?.ToString());
        Assert.True(conformer.Report.Steps > 0);
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
        var conformer = new Conformer(WrongPorts.All[wrong]);
        foreach (string name in RecordedTraces.All.Keys)
            conformer.Compare(RecordedTraces.FileOf(name));

        Assert.True(conformer.Report.Mismatches > 0, $"a port that {wrong} passes for right");
        Assert.NotEmpty(conformer.Report.First!.Differences);
    }
}
