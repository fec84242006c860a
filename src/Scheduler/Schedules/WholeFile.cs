using System.Text;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Writes files that are there completely or not at all: under a temporary name in the same folder, which is changed in
/// the end.
/// </summary>
/// <remarks>
/// The temporary name is nobody else's, so that processes that write the same file do not take each other's away.
/// Nothing is left after a failure.
/// </remarks>
public static class WholeFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a file, in the place of an older one if there is one.</summary>
    /// <param name="path">Where it shall be.</param>
    /// <param name="write">Writes all of it; it may close the stream.</param>
    public static void Write(string path, Action<Stream> write) => Write(path, write, overwrite: true);

    /// <summary>Writes a text file, in the place of an older one if there is one.</summary>
    public static void Write(string path, string text) => Write(path, Writer(text), overwrite: true);

    /// <summary>Writes a text file unless something of that name is there; false if so.</summary>
    public static bool WriteNew(string path, string text)
    {
        try
        {
            Write(path, Writer(text), overwrite: false);
            return true;
        }
        catch (IOException) when (Path.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Whether a text file holds just this.</summary>
    public static bool Holds(string path, string text)
    {
        byte[] expected = s_utf8.GetBytes(text);
        var file = new FileInfo(path);
        return file.Exists
            && file.Length == expected.Length
            && File.ReadAllBytes(path).AsSpan().SequenceEqual(expected);
    }

    /// <summary>
    /// Reads a file; null if it is larger than <paramref name="bytesMax"/>. A device or a pipe does not know its
    /// length, so what counts is what comes.
    /// </summary>
    public static byte[]? Read(string path, long bytesMax)
    {
        using FileStream file = File.OpenRead(path);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        while (file.Read(buffer) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > bytesMax)
                return null;
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a file, or says in one line why not.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="bytesMax">The most that is read.</param>
    /// <param name="isNot">What a file that is larger cannot be: "is not a schedule".</param>
    /// <param name="refusal">The exception that says so.</param>
    public static byte[] Read(string path, long bytesMax, string isNot, Func<string, Exception> refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        try
        {
            return Read(path, bytesMax) ?? throw refusal($"{path} {isNot}: it is larger than {bytesMax >> 20} MiB");
        }
        catch (FileNotFoundException)
        {
            throw refusal($"there is no file '{path}'");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw refusal($"{path} cannot be read: {exception.Message}");
        }
    }

    private static Action<Stream> Writer(string text) => stream => stream.Write(s_utf8.GetBytes(text));

    private static void Write(string path, Action<Stream> write, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(write);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"there is no folder '{folder}'");

        string temporary = Path.Combine(folder, $".whole-{Guid.NewGuid():N}.part");
        try
        {
            Fill(temporary, write);
            File.Move(temporary, path, overwrite);
        }
        catch (IOException exception)
        {
            // Nobody knows the temporary name.
            throw new IOException(exception.Message.Replace(temporary, path, StringComparison.Ordinal), exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Fill(string path, Action<Stream> write)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            write(file);
            file.Dispose();
        }
        catch
        {
            Close(file);
            throw;
        }
    }

    private static void Close(FileStream file)
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // What is still in its buffer has no place, either.
        }
    }
}
