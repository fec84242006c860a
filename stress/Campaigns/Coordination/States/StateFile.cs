using System.Text;
using System.Text.Json;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;
using Microsoft.Win32.SafeHandles;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>
/// What a campaign has come to so far, on disk: a line for what it is of, then one for each piece that is done. Lines
/// are only ever added, and reach the disk before anybody is told.
/// </summary>
/// <remarks>Reports that come together share one flush, so that the disk does not set the pace.</remarks>
internal sealed class StateFile : ICampaignState
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly IReadOnlyList<string> _pieces;
    private readonly BatchWriter<string> _writer;
    private long _length; // Of what is whole; beyond it nobody reads.

    private StateFile(string path, SafeFileHandle file, IReadOnlyList<string> pieces, long length)
    {
        _path = path;
        _file = file;
        _pieces = pieces;
        _length = length;
        _writer = new(WriteAndFlush, Broken);
    }

    /// <inheritdoc/>
    /// <remarks>Whoever adds something is told.</remarks>
    public Task Failure { get; } = new TaskCompletionSource().Task;

    /// <summary>To open the state in this file.</summary>
    internal static StateOpener At(string path) =>
        (identity, pieces, restore) => Open(path, identity, pieces, restore);

    /// <summary>Opens the state of a campaign, or begins one; what is in it comes back piece by piece.</summary>
    /// <exception cref="UsageException">It is of something else, damaged, or cannot be used.</exception>
    internal static StateFile Open(
        string path,
        CampaignIdentity identity,
        IReadOnlyList<string> pieces,
        Action<int, PieceState, string> restore)
    {
        SafeFileHandle file = OpenFile(path);
        try
        {
            var reader = new StateReader(path, file, identity, pieces);
            long length = reader.Read(restore);
            if (RandomAccess.GetLength(file) != length)
                RandomAccess.SetLength(file, length); // A line that was cut when the machine or the process died.

            var state = new StateFile(path, file, pieces, length);
            if (length == 0)
                state.Begin(identity);

            return state;
        }
        catch (IOException exception)
        {
            file.Dispose();
            throw Unwritable(path, exception);
        }
        catch (NotSupportedException)
        {
            file.Dispose();
            throw new UsageException($"--state '{path}' is no ordinary file: name one, or one that is not there yet");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task Add(int number, PieceState state, string text) =>
        _writer.Add(StateLine.Write(number, _pieces[number], state, text));

    /// <inheritdoc/>
    public Task Flushed() => _writer.Flushed();

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Flushed().Wait();
        }
        catch (AggregateException)
        {
            // Whoever added something has been told.
        }

        _file.Dispose();
    }

    private void Begin(CampaignIdentity identity) => WriteAndFlush(
        JsonSerializer.Serialize(StateHeader.Of(identity), StateJson.Default.StateHeader) + "\n");

    private Task WriteAndFlush(IReadOnlyList<string> lines)
    {
        WriteAndFlush(string.Concat(lines));
        return Task.CompletedTask;
    }

    private void WriteAndFlush(string lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(lines);
        RandomAccess.Write(_file, bytes, _length);
        RandomAccess.FlushToDisk(_file);
        _length += bytes.Length;
    }

    // A line behind a cut one would be lost with it.
    private IOException Broken(Exception exception)
    {
        try
        {
            RandomAccess.SetLength(_file, _length);
        }
        catch (IOException)
        {
            // The cut line is dropped when the file is read.
        }

        return Unwritable(_path, exception);
    }

    private static SafeFileHandle OpenFile(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"--state '{path}' is a folder: name a file in it");

        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new UsageException(
                $"--state '{path}' is in use by another coordinator, or cannot be opened ({exception.Message})");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--state '{path}' cannot be written: {exception.Message}");
        }
    }

    private static IOException Unwritable(string path, Exception exception) =>
        new($"{path}: {exception.Message.TrimEnd('.')}; what it says until now is whole", exception);
}
