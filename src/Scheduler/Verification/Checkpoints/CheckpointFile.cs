using System.IO.Hashing;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Verification.Checkpoints;

/// <summary>
/// A file that is there as a whole or not at all, and that shows by a hash at its end whether it still is what was
/// written.
/// </summary>
internal static class CheckpointFile
{
    /// <summary>
    /// What a file's name ends with until it is whole: one name, so that whoever is killed leaves no more than one.
    /// </summary>
    internal const string PartOfName = ".part";

    private const int BufferBytes = 1 << 20;
    private const int HashBytes = 16;

    private static ReadOnlySpan<byte> Magic => "kmaplab checkpoint 1\n"u8;

    /// <summary>Writes a file in the place of an older one; why it could not, or null.</summary>
    internal static string? TryWrite(string path, bool isDurable, Action<BinaryWriter> write)
    {
        string part = path + PartOfName;
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1))
            {
                using var hashed = new HashedStream(file);
                hashed.Write(Magic);
                using (var buffered = new BufferedStream(hashed, BufferBytes))
                using (var writer = new BinaryWriter(buffered))
                    write(writer);

                file.Write(hashed.Hash());
                file.Flush(isDurable);
            }

            File.Move(part, path, overwrite: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Delete(part);
            return $"{path} could not be written: {exception.Message.TrimEnd('.')}";
        }
    }

    /// <summary>Opens a file behind its first line, after having looked at all of it.</summary>
    /// <exception cref="UsageException">There is none, or it is not what was written.</exception>
    internal static FileStream Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
            Check(path, file);
            file.Position = Magic.Length;
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new UsageException(
                exception is FileNotFoundException or DirectoryNotFoundException
                    ? $"there is no checkpoint {path}: nothing to go on with; leave out --resume to search anew"
                    : $"{path} cannot be read: {exception.Message.TrimEnd('.')}");
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private static void Check(string path, FileStream file)
    {
        Span<byte> first = stackalloc byte[Magic.Length];
        if (file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length)
            throw NoCheckpoint(path);

        if (!first.SequenceEqual(Magic))
        {
            throw first.StartsWith("kmaplab checkpoint"u8)
                ? new UsageException($"{path} was written by another version of kmaplab: search anew, without --resume")
                : NoCheckpoint(path);
        }

        var hash = new XxHash128();
        hash.Append(first);
        long left = file.Length - first.Length - HashBytes;
        byte[] buffer = new byte[BufferBytes];
        while (left > 0 && file.Read(buffer, 0, (int)Math.Min(left, buffer.Length)) is > 0 and int read)
        {
            hash.Append(buffer.AsSpan(0, read));
            left -= read;
        }

        Span<byte> expected = stackalloc byte[HashBytes];
        if (
            left != 0
            || file.ReadAtLeast(expected, HashBytes, throwOnEndOfStream: false) < HashBytes
            || !expected.SequenceEqual(hash.GetCurrentHash()))
        {
            throw new UsageException(
                $"{path} is cut off, or was changed after it was written: search anew, without --resume");
        }
    }

    private static UsageException NoCheckpoint(string path) => new($"{path} is no checkpoint of kmaplab");

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way: the next one that is written takes its place.
        }
    }
}
