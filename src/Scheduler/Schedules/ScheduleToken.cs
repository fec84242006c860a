using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// A schedule as one word that can be pasted: kmap1-, then a compact binary and its checksum in base64url.
/// </summary>
public static class ScheduleToken
{
    private const string Prefix = "kmap";
    private const int ChecksumBytes = 4;
    private const byte DebugHighmemFlag = 1;
    private const byte PreemptFlag = 2;
    private const byte ModulesFlag = 4;

    /// <summary>Whether a word is meant as a token; it may still be a wrong one.</summary>
    public static bool LooksLikeToken(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        int dash = word.IndexOf('-');
        return word.StartsWith(Prefix, StringComparison.Ordinal) && dash > Prefix.Length
            && !word.AsSpan(Prefix.Length, dash - Prefix.Length).ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>What tokens of this version begin with.</summary>
    public static string Beginning => $"{Prefix}{Schedule.Version}-";

    /// <summary>The token of a schedule.</summary>
    public static string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        Write(writer, schedule);
        writer.Flush();
        writer.Write(XxHash32.Hash(bytes.ToArray()));
        return $"{Prefix}{Schedule.Version}-{Base64Url.EncodeToString(bytes.ToArray())}";
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="ScheduleFormatException">The word is no token, has a typo, or is of a newer
    /// version.</exception>
    public static Schedule Parse(string token)
    {
        if (!LooksLikeToken(token))
            throw new ScheduleFormatException($"'{token}' is not a token: it does not begin with '{Prefix}{Schedule.Version}-'");

        int dash = token.IndexOf('-');
        ScheduleText.CheckVersion(token[Prefix.Length..dash], "the token");
        byte[] bytes = Decode(token[(dash + 1)..]);
        using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - ChecksumBytes), Encoding.UTF8);
        try
        {
            return ScheduleText.Checked(Read(reader), "the token");
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException)
        {
            throw new ScheduleFormatException($"the token is not one that kmaplab made: {exception.Message}");
        }
    }

    private static byte[] Decode(string text)
    {
        byte[] bytes = [];
        if (Base64Url.IsValid(text))
            bytes = Base64Url.DecodeFromChars(text);

        if (bytes.Length <= ChecksumBytes || Base64Url.EncodeToString(bytes) != text || !XxHash32.Hash(bytes.AsSpan(..^ChecksumBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^ChecksumBytes..)))
            throw new ScheduleFormatException("the token has a typo or is incomplete: its checksum is wrong");

        return bytes;
    }

    private static void Write(BinaryWriter writer, Schedule schedule)
    {
        ScenarioSize size = schedule.Size;
        bool hasModules = schedule.Modules.Length > 0;
        writer.Write((byte)((size.DebugHighmem ? DebugHighmemFlag : 0) | (schedule.Preempt ? PreemptFlag : 0) | (hasModules ? ModulesFlag : 0)));
        writer.Write(schedule.Scenario);
        writer.Write(schedule.Variant ?? "");
        if (hasModules)
            writer.Write(schedule.Modules);

        foreach (int part in (int[])[size.Tasks, size.Slots, size.Pages, size.Cpus, size.Rounds, size.Depth])
            writer.Write7BitEncodedInt(part);

        writer.Write(size.Script);
        writer.Write(size.Release);
        writer.Write((byte)schedule.Points);
        writer.Write(schedule.Build);
        writer.Write(schedule.Strategy);
        writer.Write7BitEncodedInt64((long)schedule.Seed);
        writer.Write7BitEncodedInt64(schedule.Execution);
        writer.Write((byte)(schedule.Verdict is { } verdict ? (int)verdict + 1 : 0));
        writer.Write(schedule.Message);
        writer.Write7BitEncodedInt(schedule.Loop);
        WriteTransitions(writer, schedule.Transitions);
    }

    // A run is one number: kind and argument above the subject, then whether a length follows. A single step is one
    // byte.
    private static void WriteTransitions(BinaryWriter writer, Transition[] transitions)
    {
        writer.Write7BitEncodedInt(transitions.Length);
        for (int i = 0; i < transitions.Length;)
        {
            int length = TransitionRuns.RunLength(transitions, i);
            int code = transitions[i].Code;
            int turned = ((code >> 6) & 63) | ((code >> 12) << 6) | ((code & 63) << 10);
            writer.Write7BitEncodedInt((turned << 1) | (length > 1 ? 1 : 0));
            if (length > 1)
                writer.Write7BitEncodedInt(length);

            i += length;
        }
    }

    // An initializer runs from top to bottom, so this is the order in the token.
    private static Schedule Read(BinaryReader reader)
    {
        byte flags = reader.ReadByte();
        if ((flags & ~(DebugHighmemFlag | PreemptFlag | ModulesFlag)) != 0)
            throw new FormatException($"flags {flags}");

        return new Schedule
        {
            Preempt = (flags & PreemptFlag) != 0,
            Scenario = reader.ReadString(),
            Variant = reader.ReadString() is { Length: > 0 } variant ? variant : null,
            Modules = (flags & ModulesFlag) != 0 ? reader.ReadString() : "",
            Size = new ScenarioSize
            {
                DebugHighmem = (flags & DebugHighmemFlag) != 0,
                Tasks = reader.Read7BitEncodedInt(),
                Slots = reader.Read7BitEncodedInt(),
                Pages = reader.Read7BitEncodedInt(),
                Cpus = reader.Read7BitEncodedInt(),
                Rounds = reader.Read7BitEncodedInt(),
                Depth = reader.Read7BitEncodedInt(),
                Script = reader.ReadString(),
                Release = reader.ReadString(),
            },
            Points = (SchedulingPoints)reader.ReadByte(),
            Build = reader.ReadUInt64(),
            Strategy = reader.ReadString(),
            Seed = (ulong)reader.Read7BitEncodedInt64(),
            Execution = reader.Read7BitEncodedInt64(),
            Verdict = reader.ReadByte() is > 0 and var verdict ? (FailureClass)(verdict - 1) : null,
            Message = reader.ReadString(),
            Loop = reader.Read7BitEncodedInt(),
            Transitions = ReadTransitions(reader),
        };
    }

    private static Transition[] ReadTransitions(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        if (count is < 0 or > TransitionRuns.TransitionsMax)
            throw new FormatException($"{count} transitions");

        var transitions = new List<Transition>();
        while (transitions.Count < count)
        {
            int value = reader.Read7BitEncodedInt();
            int turned = value >> 1;
            int code = ((turned & 63) << 6) | (((turned >> 6) & 15) << 12) | ((turned >> 10) & 63);
            int length = (value & 1) == 0 ? 1 : reader.Read7BitEncodedInt();
            if (length < 1 || length > count - transitions.Count)
                throw new FormatException($"a run of {length} transitions");

            transitions.AddRange(Enumerable.Repeat(new Transition((ushort)code), length));
        }

        return [.. transitions];
    }
}
