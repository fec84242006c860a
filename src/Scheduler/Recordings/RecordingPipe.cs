using System.Diagnostics;
using System.Threading.Channels;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>
/// Takes one run after the other, and puts them into a stream while the next ones go on. Nothing is dropped: if writing
/// is slower than running, whoever adds a run waits.
/// </summary>
public sealed class RecordingPipe
{
    private const int RunsWaiting = 2; // So what is in memory is bounded.

    private readonly Channel<ThreadEpoch> _runs = Channel.CreateBounded<ThreadEpoch>(
        new BoundedChannelOptions(RunsWaiting) { SingleReader = true, SingleWriter = true });
    private readonly RecordingWriter _writer;
    private readonly Stream _stream;
    private readonly Task _writing;
    private readonly Stopwatch _waited = new();
    private int _written;
    private long _steps;
    private string? _problem;

    /// <summary>Begins to write.</summary>
    /// <param name="files">The format.</param>
    /// <param name="stream">Where to, unbuffered; it is the caller's.</param>
    /// <param name="experiment">A schedule without transitions, which says what runs.</param>
    /// <exception cref="IOException">There is not even room for the beginning.</exception>
    public RecordingPipe(RecordingFile files, Stream stream, Schedule experiment)
    {
        ArgumentNullException.ThrowIfNull(files);
        _writer = files.WriteTo(stream, experiment);
        _stream = stream;
        _writing = Task.Run(WriteAll);
    }

    /// <summary>Adds a run, which is its own from then on; false if no more can be written.</summary>
    public bool Add(ThreadEpoch run)
    {
        if (_runs.Writer.TryWrite(run))
            return true;

        _waited.Start();
        try
        {
            _runs.Writer.WriteAsync(run).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
        finally
        {
            _waited.Stop();
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public RecordingPipeReport Finish()
    {
        _runs.Writer.TryComplete();
        _writing.GetAwaiter().GetResult();
        return new RecordingPipeReport(_written, _steps, _waited.Elapsed, _problem);
    }

    private async Task WriteAll()
    {
        try
        {
            await foreach (ThreadEpoch run in _runs.Reader.ReadAllAsync())
                Write(run);

            _writer.Finish();
            await _stream.FlushAsync();
        }
        catch (IOException exception)
        {
            _problem = exception.Message;
        }
        finally
        {
            _runs.Writer.TryComplete(); // Nobody waits for room that there will never be.
        }
    }

    private void Write(ThreadEpoch run)
    {
        _steps += _writer.Add(run);
        _written++;
        run.Release();
    }
}

/// <summary>What a pipe has written.</summary>
/// <param name="Runs">Whole runs.</param>
/// <param name="Steps">The steps of them all.</param>
/// <param name="Waited">How long running has waited for writing.</param>
/// <param name="Problem">Why it ended early; null if it did not. What was written before is whole.</param>
public sealed record RecordingPipeReport(int Runs, long Steps, TimeSpan Waited, string? Problem);
