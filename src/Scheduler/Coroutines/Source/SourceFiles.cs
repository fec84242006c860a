using System.IO.Compression;
using System.Reflection.Metadata;
using System.Security.Cryptography;
using System.Text;

namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>The text of source files, as the compiler has seen it.</summary>
/// <remarks>
/// It is in the symbols, or in the file if that is still the same by its checksum. A line of another text than that
/// which was compiled would be a lie, so there is none then.
/// </remarks>
public static class SourceFiles
{
    private static readonly Guid s_embedded = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE"); // Of portable PDBs.
    private static readonly Guid s_sha256 = new("8829D00F-11B8-4213-878B-770E8597AC16");

    /// <summary>The lines of a file that <see cref="SourceLine.Path"/> names; null if they are not to be had.</summary>
    public static IReadOnlyList<string>? Lines(string path)
    {
        foreach (MetadataReaderProvider symbols in SourceMap.Symbols)
        {
            MetadataReader reader = symbols.GetMetadataReader();
            foreach (DocumentHandle handle in reader.Documents)
            {
                if (reader.GetString(reader.GetDocument(handle).Name) == path && Text(reader, handle, path) is { } text)
                    return text.ReplaceLineEndings("\n").Split('\n');
            }
        }

        return null;
    }

    private static string? Text(MetadataReader reader, DocumentHandle document, string path)
    {
        foreach (CustomDebugInformationHandle handle in reader.GetCustomDebugInformation(document))
        {
            CustomDebugInformation information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) == s_embedded)
                return Decode(reader.GetBlobBytes(information.Value));
        }

        return OnDisk(reader, reader.GetDocument(document), path);
    }

    // Four bytes say how long the text is before it was packed; 0 if it is not packed.
    private static string Decode(byte[] blob)
    {
        var bytes = new MemoryStream(blob, sizeof(int), blob.Length - sizeof(int), writable: false);
        using Stream text = BitConverter.ToInt32(blob) == 0
            ? bytes
            : new DeflateStream(bytes, CompressionMode.Decompress);
        using var reader = new StreamReader(text, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static string? OnDisk(MetadataReader reader, Document document, string path)
    {
        if (!File.Exists(path) || reader.GetGuid(document.HashAlgorithm) != s_sha256)
            return null;

        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            return SHA256.HashData(bytes).AsSpan().SequenceEqual(reader.GetBlobBytes(document.Hash))
                ? new StreamReader(new MemoryStream(bytes), Encoding.UTF8).ReadToEnd()
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
