using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>The text with which a recording begins: up to the end of the line that ends its schedule.</summary>
internal static class RecordingHeader
{
    private const int BytesMax = 1 << 20;

    /// <summary>Reads it; yields its checksum too.</summary>
    /// <exception cref="ScheduleFormatException">It is not there.</exception>
    internal static (string Text, ulong Checksum) Read(Stream stream, string magic, string source)
    {
        var bytes = new List<byte>();
        byte[] beginning = Encoding.ASCII.GetBytes(magic);
        byte[] end = "end "u8.ToArray();
        int line = 0; // Where it begins.
        while (bytes.Count < BytesMax && stream.ReadByte() is >= 0 and var next)
        {
            bytes.Add((byte)next);
            if (bytes.Count <= beginning.Length && next != beginning[bytes.Count - 1])
                throw NoRecording(magic, source);

            if (next != '\n')
                continue;

            byte[] header = [.. bytes];
            if (header.AsSpan(line).StartsWith(end))
                return (Encoding.UTF8.GetString(header), XxHash64.HashToUInt64(header));

            line = bytes.Count;
        }

        throw bytes.Count < beginning.Length
            ? NoRecording(magic, source)
            : new ScheduleFormatException($"{source} is cut off before its first step, so there is nothing to replay");
    }

    private static ScheduleFormatException NoRecording(string magic, string source) =>
        new($"{source} is not a recording: it does not begin with '{magic.Trim()}'");
}
