using System.Threading;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>Whatever is added is written, or it is said that it is not.</summary>
public sealed class RecordingPipeTests
{
    private const int Runs = 12;
    private const int Word = 5;

    private static readonly RecordingFile s_files = new("kmaplab");
    private static readonly Schedule s_header = RecordingReplayTests.Header(null);

    [Fact]
    public async Task Nothing_is_dropped_however_slow_writing_is()
    {
        using var stream = new MemoryStream();
        using var slow = new GatedStream(stream, room: int.MaxValue);
        var pipe = new RecordingPipe(s_files, slow, s_header);
        slow.Gate.Reset();
        ThreadEpoch run = RecordOne();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<bool> adding = Task.Run(() => Enumerable.Range(0, Runs).All(_ => pipe.Add(run)), cancellation);

        // There is room for a few, so who adds them all cannot be through, however long one waits.
        Assert.NotSame(adding, await Task.WhenAny(adding, Task.Delay(50, cancellation)));
        slow.Gate.Set();
        bool areAdded = await adding;
        RecordingPipeReport report = pipe.Finish();

        Assert.True(areAdded);
        Assert.Equal(Runs, report.Runs);
        Assert.True(report.Waited > TimeSpan.Zero);
        Assert.Null(report.Problem);
        (int whole, bool isCutOff) = Read(stream.ToArray());
        Assert.Equal(Runs, whole);
        Assert.False(isCutOff);
    }

    [Fact]
    public void A_full_disk_ends_it_and_what_is_there_is_whole_up_to_there()
    {
        ThreadEpoch run = RecordOne();
        using var stream = new MemoryStream();
        using var full = new GatedStream(stream, room: 2000);
        var pipe = new RecordingPipe(s_files, full, s_header);

        bool areAllAdded = Enumerable.Range(0, 100 * Runs).All(_ => pipe.Add(run));
        RecordingPipeReport report = pipe.Finish();

        Assert.False(areAllAdded);
        Assert.Equal("No space left on device", report.Problem);
        (int whole, bool isCutOff) = Read(stream.ToArray());
        Assert.True(isCutOff);
        Assert.Equal(report.Runs, whole);
        Assert.True(whole > 0);
    }

    [Fact]
    public void Without_room_for_the_beginning_nothing_begins()
    {
        using var full = new GatedStream(new MemoryStream(), room: 10);

        Assert.Throws<IOException>(() => new RecordingPipe(s_files, full, s_header));
    }

    private static ThreadEpoch RecordOne()
    {
        RecordedEntry[] adder = [.. Enumerable.Range(1, 10).Select(i => new RecordedEntry(
            OperationKind.FetchAdd, Word, 2 * i, i - 1))];
        return new ThreadEpoch([new TaskEntries(adder)], Word + 1, _ => "count")
        {
            IsWhole = true,
            End = new ArenaCopy([], [], (_, _) => []),
        };
    }

    private static (int Whole, bool IsCutOff) Read(byte[] bytes)
    {
        RecordingReader reader = s_files.ReadFrom(new MemoryStream(bytes), "it");
        int whole = 0;
        while (reader.Next() is { } run)
            whole += run.IsCutOff ? 0 : 1;

        return (whole, reader.IsCutOff);
    }

    /// <summary>Waits at a gate, and has room for so many bytes.</summary>
    private sealed class GatedStream(MemoryStream inner, int room) : MemoryStream
    {
        internal ManualResetEventSlim Gate { get; } = new(initialState: true);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Gate.Wait();
            int left = (int)Math.Min(room - inner.Length, buffer.Length);
            inner.Write(buffer[..left]);
            if (left < buffer.Length)
                throw new IOException("No space left on device");
        }

        protected override void Dispose(bool disposing)
        {
            Gate.Dispose();
            base.Dispose(disposing);
        }
    }
}
