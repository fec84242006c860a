using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>The disk that a search may use, and why it must not use more of it.</summary>
/// <param name="folder">Where its files are.</param>
/// <param name="bytesMax">Bytes that they may take together; null for half of what is free there at first.</param>
internal sealed class SpillDisk(string folder, long? bytesMax)
{
    private readonly Lock _opening = new();
    private long? _bytesMax = bytesMax;
    private long _bytes;
    private long _written;

    /// <summary>Bytes ever written.</summary>
    internal long Written => Interlocked.Read(ref _written);

    /// <summary>
    /// Why states that should have gone to disk are lost; null if none are. A search that has lost some proves nothing.
    /// </summary>
    internal string? Problem { get; private set; }

    /// <summary>A file that is gone when it is closed, or when the process has ended, however that ends.</summary>
    internal FileStream Create()
    {
        lock (_opening)
        {
            Directory.CreateDirectory(folder);
            _bytesMax ??= Math.Max(0, new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace / 2);
        }

        string name = Path.Combine(folder, $"frontier-{Guid.NewGuid():N}.tmp");
        var file = new FileStream(
            name,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            1,
            FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
            File.Delete(name); // It lives on without a name, until it is closed.

        return file;
    }

    /// <summary>Writes to a file; false, with a <see cref="Problem"/>, if there is no room for that.</summary>
    internal bool TryWrite(
        FileStream file, ReadOnlySpan<byte> bytes, long offset, string what = "states still to be searched")
    {
        if (Interlocked.Add(ref _bytes, bytes.Length) > _bytesMax)
        {
            Fail($"the {what} need more than {_bytesMax >> 20} MiB of disk in {folder}");
            return false;
        }

        try
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, offset);
        }
        catch (IOException exception)
        {
            Fail(
                $"the {what} do not fit on the disk in {folder} ({exception.Message.TrimEnd('.')})"
            );
            return false;
        }

        Interlocked.Add(ref _written, bytes.Length);
        return true;
    }

    /// <summary>There was no way to make a file.</summary>
    internal void Fail(string problem)
    {
        lock (_opening)
            Problem ??= problem;
    }

    /// <summary>So many bytes are free again.</summary>
    internal void Free(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
