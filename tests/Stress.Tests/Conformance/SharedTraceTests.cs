using System.IO.Compression;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>The recorded traces, where they exist: they show that the reader is no stricter than the format.</summary>
public sealed class SharedTraceTests
{
    [Fact]
    public void Every_recorded_trace_is_read_and_written_back_byte_for_byte()
    {
        IReadOnlyList<string> files = TraceFiles.Find(SharedFolder.Require("golden"));
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            using TraceReader reader = TraceReader.Open(file);
            Assert.True(Decompress(file).AsSpan().SequenceEqual(TraceWriterTests.Copy(reader)));
        });
    }

    [Fact]
    public void Every_kind_occurs_among_the_recorded_traces()
    {
        var kinds = new HashSet<TraceKind>();
        foreach (string file in TraceFiles.Find(SharedFolder.Require("golden")))
        {
            using TraceReader reader = TraceReader.Open(file);
            kinds.Add(reader.Config.Kind);
        }

        Assert.Equal(Enum.GetValues<TraceKind>(), kinds.Order());
    }

    private static byte[] Decompress(string file)
    {
        var text = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress))
            gzip.CopyTo(text);

        return text.ToArray();
    }
}
