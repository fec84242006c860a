using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Kmaplab.Browser.Tests;

/// <summary>A text inside a PNG file (its chunk iTXt): what the picture shows, in words.</summary>
internal static class PngText
{
    private const string Type = "iTXt";
    private const int EndBytes = 12; // IEND: length, type, checksum.
    private const int SignatureBytes = 8;

    // The keyword; not compressed; no language, and no translation of the keyword.
    private static readonly byte[] s_head = [.. "Description"u8, 0, 0, 0, 0, 0];

    /// <summary>The picture with a text.</summary>
    internal static byte[] Add(byte[] picture, string text)
    {
        byte[] content = [.. Encoding.Latin1.GetBytes(Type), .. s_head, .. Encoding.UTF8.GetBytes(text)];
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length - Type.Length);
        byte[] checksum = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32.HashToUInt32(content));
        return [.. picture[..^EndBytes], .. length, .. content, .. checksum, .. picture[^EndBytes..]];
    }

    /// <summary>The text of a picture; null if it has none.</summary>
    internal static string? Of(byte[] picture)
    {
        for (int at = SignatureBytes; at + EndBytes <= picture.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(at));
            ReadOnlySpan<byte> content = picture.AsSpan(at + sizeof(int) + Type.Length, length);
            if (Encoding.Latin1.GetString(picture, at + sizeof(int), Type.Length) == Type && content.StartsWith(s_head))
                return Encoding.UTF8.GetString(content[s_head.Length..]);

            at += length + EndBytes;
        }

        return null;
    }
}
