using System.Text;
using System.Text.Json;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;
using Kmaplab.Stress.Json;
using Microsoft.Win32.SafeHandles;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>Reads a state file from its beginning to where it is whole.</summary>
internal sealed class StateReader(
    string path, SafeFileHandle file, CampaignIdentity identity, IReadOnlyList<string> pieces)
{
    private const int BufferBytes = 1 << 20;
    private const int LineMax = 64 << 20;

    private readonly bool[] _seen = new bool[pieces.Count];
    private int _line;

    /// <summary>Hands over what it says; yields the length of what is whole, 0 if it has yet to begin.</summary>
    /// <exception cref="UsageException">It is of something else, or damaged.</exception>
    internal long Read(Action<int, PieceState, string> restore)
    {
        byte[] buffer = new byte[BufferBytes];
        long whole = 0;
        int filled = 0;
        while (true)
        {
            int read = RandomAccess.Read(file, buffer.AsSpan(filled), whole + filled);
            filled += read;
            int used = 0;
            while (buffer.AsSpan(used, filled - used).IndexOf((byte)'\n') is >= 0 and var end)
            {
                ReadLine(buffer.AsSpan(used, end), restore);
                used += end + 1;
            }

            whole += used;
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (read == 0)
                break;

            if (filled == buffer.Length)
                Array.Resize(ref buffer, filled < LineMax ? 2 * filled : throw Damaged("it is too long"));
        }

        if (_line == 0)
            CheckBeginning(buffer.AsSpan(0, filled));

        return whole;
    }

    private void ReadLine(ReadOnlySpan<byte> line, Action<int, PieceState, string> restore)
    {
        if (_line++ == 0)
        {
            CheckHeader(path, line, identity);
            return;
        }

        if (!StateLine.TryRead(line, pieces, out int number, out PieceState state, out string text))
            throw Damaged("its hash does not fit");

        if (_seen[number])
            throw Damaged($"piece {number + 1} is there twice");

        _seen[number] = true;
        restore(number, state, text);
    }

    /// <summary>Looks whether a state is of this plan and this build.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    internal static void CheckHeader(string path, string line, CampaignIdentity identity) =>
        CheckHeader(path, Encoding.UTF8.GetBytes(line), identity);

    private static void CheckHeader(string path, ReadOnlySpan<byte> line, CampaignIdentity identity)
    {
        StateHeader header;
        try
        {
            header = JsonSerializer.Deserialize(line, StateJson.Default.StateHeader)
                ?? throw new UsageException($"--state '{path}' is no state of a campaign: it is null");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"--state '{path}' is no state of a campaign: {JsonProblem.Of(exception)}");
        }

        if (header.Format != StateHeader.FormatName)
            throw new UsageException(
                $"--state '{path}' has the format '{header.Format}', and this program reads "
                + $"'{StateHeader.FormatName}'");

        if (header.Plan != identity.Plan || header.Pieces != identity.Pieces)
            throw new UsageException(
                $"--state '{path}' is of another plan ({header.Plan}, {Counted.Of(header.Pieces, "piece")}, and this "
                + $"is {identity.Plan}, {identity.Pieces}): give each plan a state of its own");

        if (header.Build != identity.Build)
            throw new UsageException(
                $"--state '{path}' was written by another build ({header.Build}, and this is {identity.Build}): go on "
                + "with that program, or begin again with another file");
    }

    // A file that is not ours must not be overwritten because it has no line.
    private void CheckBeginning(ReadOnlySpan<byte> bytes)
    {
        string header = JsonSerializer.Serialize(StateHeader.Of(identity), StateJson.Default.StateHeader);
        if (!Encoding.UTF8.GetBytes(header).AsSpan().StartsWith(bytes))
            throw new UsageException($"--state '{path}' is no state of a campaign: it does not begin like one");
    }

    private UsageException Damaged(string reason) =>
        new($"--state '{path}' is damaged at line {_line}: {reason}; delete that line to have its piece performed "
            + "again, or the file to begin again");
}
