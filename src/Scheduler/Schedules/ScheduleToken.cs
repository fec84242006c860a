using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// A schedule as one word that can be pasted: a prefix, the version and -, then a compact binary and its checksum in
/// base64url.
/// </summary>
/// <param name="program">The name of the program, for errors.</param>
/// <param name="prefix">What tokens begin with, before their version: letters.</param>
public sealed class ScheduleToken(string program, string prefix)
{
    private const string Source = "the token";
    private const int ChecksumBytes = 4;
    private const byte SwitchFlag = 1; // In version 1, where it was no parameter like others.
    private const byte PreemptFlag = 2;
    private const byte ModulesFlag = 4;
    private const byte MemoryFlag = 8;

    private readonly ScheduleText _text = new(program);

    /// <summary>Whether a word is meant as a token; it may still be a wrong one.</summary>
    public bool LooksLikeToken(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        int dash = word.IndexOf('-');
        return word.StartsWith(prefix, StringComparison.Ordinal) && dash > prefix.Length
            && !word.AsSpan(prefix.Length, dash - prefix.Length).ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>What tokens of this version begin with.</summary>
    public string Beginning => $"{prefix}{Schedule.Version}-";

    /// <summary>The token of a schedule.</summary>
    public string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        Write(writer, schedule);
        writer.Flush();
        writer.Write(XxHash32.Hash(bytes.ToArray()));
        return $"{prefix}{schedule.Format}-{Base64Url.EncodeToString(bytes.ToArray())}";
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="ScheduleFormatException">The word is no token, has a typo, or is of a newer
    /// version.</exception>
    public Schedule Parse(string token)
    {
        if (!LooksLikeToken(token))
            throw new ScheduleFormatException($"'{token}' is not a token: it does not begin with '{Beginning}'");

        int dash = token.IndexOf('-');
        int version = _text.ReadVersion(token[prefix.Length..dash], Source);
        byte[] bytes = Decode(token[(dash + 1)..]);
        using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - ChecksumBytes), Encoding.UTF8);
        try
        {
            return _text.Checked(Read(reader, version), Source);
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException)
        {
            throw new ScheduleFormatException($"the token is not one that {program} made: {exception.Message}");
        }
    }

    private static byte[] Decode(string text)
    {
        byte[] bytes = [];
        if (Base64Url.IsValid(text))
            bytes = Base64Url.DecodeFromChars(text);

        if (
            bytes.Length <= ChecksumBytes
            || Base64Url.EncodeToString(bytes) != text
            || !XxHash32.Hash(bytes.AsSpan(..^ChecksumBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^ChecksumBytes..)))
            throw new ScheduleFormatException("the token has a typo or is incomplete: its checksum is wrong");

        return bytes;
    }

    private static void Write(BinaryWriter writer, Schedule schedule)
    {
        bool isFormatOne = schedule.Format == FormatOne.Version;
        bool isSwitchOn = isFormatOne && schedule.Parameters.IsOn(FormatOne.Switch);
        bool hasModules = schedule.Modules.Length > 0;
        bool hasMemory = schedule.Start.Count > 0;
        int ownFlags = (schedule.Preempt ? PreemptFlag : 0) | (hasModules ? ModulesFlag : 0)
            | (hasMemory ? MemoryFlag : 0);
        writer.Write((byte)(ownFlags | (isSwitchOn ? SwitchFlag : 0)));
        writer.Write(schedule.Scenario);
        writer.Write(schedule.Variant ?? "");
        if (hasModules)
            writer.Write(schedule.Modules);

        if (isFormatOne)
            FormatOne.Write(writer, schedule.Parameters);
        else
            WriteParameters(writer, schedule.Parameters);

        if (hasMemory)
            WriteMemory(writer, schedule.Start);

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

    private static void WriteMemory(BinaryWriter writer, IReadOnlyList<NamedWords> memory)
    {
        writer.Write7BitEncodedInt(memory.Count);
        foreach (NamedWords part in memory)
            writer.Write(MemoryRuns.Format(part));
    }

    private static IEnumerable<NamedWords> ReadMemory(BinaryReader reader)
    {
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
            yield return MemoryRuns.Parse(reader.ReadString()) ?? throw new FormatException("memory");
    }

    private static void WriteParameters(BinaryWriter writer, Parameters parameters)
    {
        writer.Write7BitEncodedInt(parameters.Values.Count);
        foreach (ParameterValue value in parameters.Values)
        {
            writer.Write(value.Name);
            writer.Write(value.Value);
        }
    }

    // A run is one number: kind and argument above the subject, then whether a length follows. A single step is one
    // byte.
    private static void WriteTransitions(BinaryWriter writer, Transition[] transitions)
    {
        writer.Write7BitEncodedInt(transitions.Length);
        for (int i = 0; i < transitions.Length;)
        {
            int length = TransitionRuns.RunLength(transitions, i);
            writer.Write7BitEncodedInt64(((long)Turned(transitions[i].Code) << 1) | (length > 1 ? 1L : 0L));
            if (length > 1)
                writer.Write7BitEncodedInt(length);

            i += length;
        }
    }

    // The subject is lowest, as most transitions are steps; what only large machines have stays on top.
    private static uint Turned(uint code) =>
        ((code >> 6) & 63) | (((code >> 12) & 15) << 6) | ((code & 63) << 10) | (code & 0xFFFF_0000);

    private static uint TurnedBack(uint turned) =>
        ((turned & 63) << 6) | (((turned >> 6) & 15) << 12) | ((turned >> 10) & 63) | (turned & 0xFFFF_0000);

    // An initializer runs from top to bottom, so this is the order in the token.
    private Schedule Read(BinaryReader reader, int version)
    {
        byte flags = reader.ReadByte();
        bool isFormatOne = version == FormatOne.Version;
        if ((flags & ~((isFormatOne ? SwitchFlag : 0) | PreemptFlag | ModulesFlag | MemoryFlag)) != 0)
            throw new FormatException($"flags {flags}");

        IEnumerable<ParameterValue> Values() =>
            isFormatOne ? FormatOne.Read(reader, (flags & SwitchFlag) != 0) : ReadParameters(reader);

        return new Schedule
        {
            Format = version,
            Preempt = (flags & PreemptFlag) != 0,
            Scenario = reader.ReadString(),
            Variant = reader.ReadString() is { Length: > 0 } variant ? variant : null,
            Modules = (flags & ModulesFlag) != 0 ? reader.ReadString() : "",
            Parameters = _text.Checked(Values(), Source),
            Start = (flags & MemoryFlag) != 0 ? [.. ReadMemory(reader)] : [],
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

    private static IEnumerable<ParameterValue> ReadParameters(BinaryReader reader)
    {
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
            yield return new ParameterValue(reader.ReadString(), reader.ReadString());
    }

    private static Transition[] ReadTransitions(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        if (count is < 0 or > TransitionRuns.TransitionsMax)
            throw new FormatException($"{count} transitions");

        var transitions = new List<Transition>();
        while (transitions.Count < count)
        {
            long value = reader.Read7BitEncodedInt64();
            if (value is < 0 or > ((long)uint.MaxValue << 1) + 1)
                throw new FormatException($"transition {value}");

            int length = (value & 1) == 0 ? 1 : reader.Read7BitEncodedInt();
            if (length < 1 || length > count - transitions.Count)
                throw new FormatException($"a run of {length} transitions");

            transitions.AddRange(Enumerable.Repeat(new Transition(TurnedBack((uint)(value >> 1))), length));
        }

        return [.. transitions];
    }
}
