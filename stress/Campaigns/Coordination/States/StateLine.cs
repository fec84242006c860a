using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>One line of a state file: what a piece came to.</summary>
/// <remarks>
/// A digit that has changed on the disk would make a report that nobody has seen. So each line has a hash of its text
/// and of the piece that it is about, and is read only in the form in which it was written.
/// </remarks>
internal static class StateLine
{
    private const string Report = ",\"report\":";
    private const string Error = ",\"error\":";
    private const int HashDigits = 16;

    /// <summary>A line, with its end.</summary>
    internal static string Write(int number, string piece, PieceState state, string text)
    {
        string json = state == PieceState.Finished ? text : JsonSerializer.Serialize(text, StateJson.Default.String);
        string rest = $"{(state == PieceState.Finished ? Report : Error)}{json}}}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"piece\":{number},\"hash\":\"{Hash(number, piece, Encoding.UTF8.GetBytes(rest))}\"{rest}\n");
    }

    /// <summary>Reads a line, without its end; false if it is none that this program has written.</summary>
    internal static bool TryRead(
        ReadOnlySpan<byte> line, IReadOnlyList<string> pieces, out int number, out PieceState state, out string text)
    {
        state = PieceState.Open;
        text = "";
        if (!TryReadNumber(ref line, out number) || number >= pieces.Count || !TryReadHash(ref line, out string hash))
            return false;

        if (hash != Hash(number, pieces[number], line))
            return false;

        bool isReport = line.StartsWith(Encoding.UTF8.GetBytes(Report));
        state = isReport ? PieceState.Finished : PieceState.SetAside;
        string json = Encoding.UTF8.GetString(line[(isReport ? Report : Error).Length..^1]);
        text = isReport ? json : JsonSerializer.Deserialize(json, StateJson.Default.String) ?? "";
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> line, out int number)
    {
        ReadOnlySpan<byte> begin = "{\"piece\":"u8;
        number = 0;
        if (!line.StartsWith(begin) || !Utf8Parser.TryParse(line[begin.Length..], out number, out int digits))
            return false;

        line = line[(begin.Length + digits)..];
        return number >= 0;
    }

    private static bool TryReadHash(ref ReadOnlySpan<byte> line, out string hash)
    {
        ReadOnlySpan<byte> begin = ",\"hash\":\""u8;
        hash = "";
        int end = begin.Length + HashDigits;
        if (!line.StartsWith(begin) || line.Length <= end || line[end] != '"')
            return false;

        hash = Encoding.ASCII.GetString(line.Slice(begin.Length, HashDigits));
        line = line[(begin.Length + HashDigits + 1)..];
        return true;
    }

    private static string Hash(int number, string piece, ReadOnlySpan<byte> rest)
    {
        var hash = new XxHash64();
        hash.Append(BitConverter.GetBytes(number));
        hash.Append(Encoding.UTF8.GetBytes(piece));
        hash.Append(rest);
        return hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
    }
}
