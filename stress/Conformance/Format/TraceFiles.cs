using System.Buffers.Binary;
using System.IO.Compression;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Finds and opens trace files.</summary>
public static class TraceFiles
{
    /// <summary>Header and trailer of a gzip file without any data.</summary>
    private const int SmallestGzip = 18;

    /// <summary>The traces a path stands for: itself, or those in the folder, ordered by name.</summary>
    public static IReadOnlyList<string> Find(string path)
    {
        if (File.Exists(path))
            return [path];

        if (!Directory.Exists(path))
            throw new TraceFormatException(path, 0, "no such file or folder");

        string[] files =
        [
            .. Directory
                .EnumerateFiles(path)
                .Where(file => IsTrace(file) && FileKind.IsRegular(file))
                .Order(StringComparer.Ordinal),
        ];
        if (files.Length == 0)
            throw new TraceFormatException(path, 0, "the folder has no .jsonl or .jsonl.gz file");

        return files;
    }

    /// <summary>Writes a trace, compressed if the name says so; it is there completely or not at all.</summary>
    /// <param name="file">Where it shall be.</param>
    /// <param name="write">Writes all of it, and closes the stream.</param>
    public static void WriteWhole(string file, Action<Stream> write) =>
        WholeFile.Write(file, whole =>
            write(IsGzip(file) ? new GZipStream(whole, CompressionLevel.SmallestSize) : whole));

    /// <summary>Why a file of this name would not be found again as a trace; null if it would.</summary>
    public static string? NameProblem(string file) =>
        IsTrace(file) ? null : $"'{file}' is no name for a trace; it must end in .jsonl or .jsonl.gz";

    internal static LineReader Open(string file)
    {
        try
        {
            FileStream stream = File.OpenRead(file);
            return IsGzip(file) ? OpenGzip(stream, file) : new LineReader(stream, file, null);
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw new TraceFormatException(file, 0, $"cannot be read: {inner.Message}", inner);
        }
    }

    private static bool IsGzip(string file) => file.EndsWith(".gz", StringComparison.Ordinal);

    private static bool IsTrace(string file)
        => file.EndsWith(".jsonl", StringComparison.Ordinal) || file.EndsWith(".jsonl.gz", StringComparison.Ordinal);

    // GZipStream takes truncated data for the end of it, so the size in the last four bytes is compared too.
    private static LineReader OpenGzip(FileStream stream, string file)
    {
        if (stream.Length < SmallestGzip)
        {
            stream.Dispose();
            throw new TraceFormatException(file, 0, "too short for a gzip file");
        }

        Span<byte> trailer = stackalloc byte[sizeof(uint)];
        stream.Position = stream.Length - trailer.Length;
        stream.ReadExactly(trailer);
        stream.Position = 0;
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        return new LineReader(new GZipStream(stream, CompressionMode.Decompress), file, size);
    }
}
