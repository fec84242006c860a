using System.IO.Compression;
using System.Text;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Tests.Conformance;

public sealed class TraceWriterTests
{
    public static TheoryData<string> Samples { get; } = [.. TraceSamples.All.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_was_read_is_written_back_byte_for_byte(string sample)
    {
        string text = TraceSamples.All[sample];
        using TraceReader reader = TraceSamples.Open(text);
        Assert.Equal(text, Encoding.UTF8.GetString(Copy(reader)));
    }

    [Theory]
    [MemberData(nameof(RecordedTraces.Names), MemberType = typeof(RecordedTraces))]
    public void A_recorded_trace_is_written_back_byte_for_byte(string name)
    {
        using var recorded = new GZipStream(File.OpenRead(RecordedTraces.FileOf(name)), CompressionMode.Decompress);
        var text = new MemoryStream();
        recorded.CopyTo(text);
        using TraceReader reader = TraceReader.Open(RecordedTraces.FileOf(name));

        Assert.True(text.ToArray().AsSpan().SequenceEqual(Copy(reader)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_was_written_is_read_back_equal(string sample)
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.All[sample]);
        using TraceReader again = TraceSamples.Open(Encoding.UTF8.GetString(Copy(reader)));
        using TraceReader first = TraceSamples.Open(TraceSamples.All[sample]);
        Assert.Equal(first.Config, again.Config);
        if (first.Config.Atomic is null)
        {
            Assert.Equal(first.Start, again.Start);
            Assert.Equal(TraceSamples.Steps(first), TraceSamples.Steps(again));
        }
        else
        {
            Assert.Equal(first.AtomicStart, again.AtomicStart);
            Assert.Equal(TraceSamples.AtomicSteps(first), TraceSamples.AtomicSteps(again));
        }

        Assert.Equal(first.End, again.End);
    }

    [Fact]
    public void Every_250th_state_is_written_whole()
    {
        using TraceReader sample = TraceSamples.Open(TraceSamples.Delta);
        TraceStep step = TraceSamples.Steps(sample)[0];
        var stream = new MemoryStream();
        using (var writer = TraceWriter.Create(stream, sample.Config, sample.Start))
        {
            for (int number = 1; number <= 501; number++)
                writer.Write(step with { Number = number });

            writer.Write(new TraceEnd { Reason = EndReason.Ok, Steps = 501 });
        }

        string text = Encoding.UTF8.GetString(stream.ToArray());
        string[] lines = text.Split('\n');
        int[] whole = [.. Enumerable.Range(0, 502).Where(i => lines[i].Contains("\"pkmap_count\":"))];
        Assert.Equal([0, 250, 500], whole);

        using TraceReader again = TraceSamples.Open(text);
        Assert.All(TraceSamples.Steps(again), s => Assert.Equal(step.State, s.State));
    }

    [Fact]
    public void Steps_out_of_order_are_the_callers_mistake()
    {
        using TraceReader sample = TraceSamples.Open(TraceSamples.Coarse);
        List<TraceStep> steps = TraceSamples.Steps(sample);
        using var writer = TraceWriter.Create(new MemoryStream(), sample.Config, sample.Start);
        Assert.Throws<ArgumentException>(() => writer.Write(steps[1]));
    }

    /// <summary>Writes all that a reader has.</summary>
    internal static byte[] Copy(TraceReader reader)
    {
        var stream = new MemoryStream();
        bool atomic = reader.Config.Atomic is not null;
        using (TraceWriter writer = atomic
            ? TraceWriter.Create(stream, reader.Config, reader.AtomicStart)
            : TraceWriter.Create(stream, reader.Config, reader.Start))
        {
            while (atomic && reader.ReadAtomicStep() is AtomicStep step)
                writer.Write(step);

            while (!atomic && reader.ReadStep() is TraceStep step)
                writer.Write(step);

            writer.Write(reader.End);
        }

        return stream.ToArray();
    }
}
