using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// A schedule as a text file: a line that says what it is, one field a line, the transitions, and a closing line with a
/// checksum.
/// </summary>
/// <remarks>
/// The closing line tells a whole file from one that was cut off. Format(Parse(text)) is text, Parse(Format(schedule))
/// is the schedule.
/// </remarks>
/// <param name="program">The name of the program, with which files begin.</param>
public sealed class ScheduleText(string program)
{
    private const string None = "none";
    private const string ModulesField = "modules"; // Only where there are some.
    private const string ParameterField = "set"; // One for each.
    private const string MemoryField = "memory"; // One for each part, only where it is not as booted.

    private readonly string _magic = $"{program} schedule ";

    /// <summary>The text of a schedule.</summary>
    public string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var text = new StringBuilder($"{_magic}{schedule.Format}\n");
        foreach ((string name, string value) in Fields(schedule))
            text.Append($"{name}: {value}\n");

        text.Append('\n');
        TransitionRuns.WriteWrapped(schedule.Transitions, text);
        ulong checksum = Checksum(text.ToString()); // Outside the interpolation, which appends as it goes.
        text.Append($"end {checksum:x16}\n");
        return text.ToString();
    }

    /// <summary>Reads a schedule; <paramref name="source"/> is what errors call it.</summary>
    /// <exception cref="ScheduleFormatException">The text is no schedule, not a whole one, or one of a newer
    /// version.</exception>
    public Schedule Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.ReplaceLineEndings("\n"); // A file that came by mail or through another system is still the same.
        if (!text.StartsWith(_magic, StringComparison.Ordinal))
            throw new ScheduleFormatException($"{source} is not a schedule: it does not begin with '{_magic.Trim()}'");

        int version = ReadVersion(text[_magic.Length..].Split('\n')[0], source);
        CheckEnd(text, source);
        string[] lines = text.Split('\n');
        var fields = new FieldReader(lines, source);
        Schedule schedule = ParseFields(fields, version, source);
        return Checked(schedule with { Transitions = ParseTransitions(lines, fields.Line, source) }, source);
    }

    /// <summary>The schedule, if what it says of itself is possible: a right checksum does not mean that.</summary>
    internal Schedule Checked(Schedule schedule, string source)
    {
        string? wrong = schedule switch
        {
            { Points: var points } when (points & ~SchedulingPoints.All) != 0 => $"points {(int)points}",
            { Verdict: { } verdict } when !Enum.IsDefined(verdict) =>
                $"a class of failure with number {(int)verdict}, which only a newer one could know",
            { Execution: < 0 } => $"execution {(ulong)schedule.Execution}",
            { Loop: var loop } when loop < 0 || loop > schedule.Transitions.Length =>
                $"a loop of {loop} of its {schedule.Transitions.Length} steps",
            _ => null,
        };
        return wrong is null ? schedule : throw NotWritten(source, wrong);
    }

    /// <summary>Parameters that were read, if they can be some.</summary>
    internal Parameters Checked(IEnumerable<ParameterValue> values, string source)
    {
        ParameterValue[] read = [.. values];
        return Parameters.ProblemOf(read) is { } problem ? throw NotWritten(source, problem) : new Parameters(read);
    }

    internal int ReadVersion(string version, string source)
    {
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            throw new ScheduleFormatException($"{source} is not a schedule: '{version}' is no version");

        if (number <= Schedule.Version)
            return number;

        string newer = $"{source} has version {number} and this {program} reads up to {Schedule.Version}";
        throw new ScheduleFormatException($"{newer}: use a newer {program}");
    }

    private static IEnumerable<(string Name, string Value)> Fields(Schedule schedule)
    {
        yield return ("scenario", schedule.Scenario);
        yield return ("variant", schedule.Variant ?? None);
        if (schedule.Modules.Length > 0)
            yield return (ModulesField, schedule.Modules);

        bool isFormatOne = schedule.Format == FormatOne.Version;
        foreach (ParameterValue value in schedule.Parameters.Values)
            yield return isFormatOne ? (value.Name, value.Value) : (ParameterField, $"{value}");

        foreach (NamedWords part in schedule.Start)
            yield return (MemoryField, MemoryRuns.Format(part));

        yield return ("preempt", schedule.Preempt ? "yes" : "no");
        yield return ("points", $"{(int)schedule.Points}");
        yield return ("build", $"{schedule.Build:x16}");
        yield return ("strategy", schedule.Strategy);
        yield return ("seed", $"{schedule.Seed}");
        yield return ("execution", $"{schedule.Execution}");
        yield return ("verdict", schedule.Verdict?.Name() ?? None);
        yield return ("message", schedule.Message);
        yield return ("loop", $"{schedule.Loop}");
        yield return ("steps", $"{schedule.Transitions.Length}");
    }

    private static IEnumerable<ParameterValue> ParseParameters(FieldReader fields)
    {
        while (fields.Has(ParameterField))
        {
            string text = fields.Text(ParameterField);
            int equals = text.IndexOf('=');
            yield return equals >= 0
                ? new ParameterValue(text[..equals], text[(equals + 1)..])
                : throw fields.Wrong(ParameterField, text, "a name and a value like 'tasks=2'");
        }
    }

    private static IEnumerable<NamedWords> ParseMemory(FieldReader fields)
    {
        while (fields.Has(MemoryField))
        {
            string text = fields.Text(MemoryField);
            yield return MemoryRuns.Parse(text)
                ?? throw fields.Wrong(MemoryField, text, "a name and words like 'pkmap_count = 0*3 2'");
        }
    }

    // An initializer runs from top to bottom, so this is the order in the file.
    private Schedule ParseFields(FieldReader fields, int version, string source) => new()
    {
        Format = version,
        Scenario = fields.Text("scenario"),
        Variant = fields.Text("variant") is var variant && variant == None ? null : variant,
        Modules = fields.Has(ModulesField) ? fields.Text(ModulesField) : "",
        Parameters = Checked(version == FormatOne.Version ? FormatOne.Read(fields) : ParseParameters(fields), source),
        Start = [.. ParseMemory(fields)],
        Preempt = fields.YesOrNo("preempt"),
        Points = (SchedulingPoints)fields.Int("points"),
        Build = fields.Hex("build"),
        Strategy = fields.Text("strategy"),
        Seed = fields.UnsignedLong("seed"),
        Execution = (long)fields.UnsignedLong("execution"),
        Verdict = fields.Verdict("verdict", None),
        Message = fields.Text("message"),
        Loop = fields.Int("loop"),
    };

    private static Transition[] ParseTransitions(string[] lines, int line, string source)
    {
        var fields = new FieldReader(lines, source, line);
        int steps = fields.Int("steps");
        line = fields.Line;
        if (lines[line++].Length != 0)
            throw new ScheduleFormatException(
                $"{source}, line {line}: expected an empty line in front of the transitions");

        var transitions = new List<Transition>();
        for (; !lines[line].StartsWith("end ", StringComparison.Ordinal); line++)
        {
            if (!TransitionRuns.TryParse(lines[line], transitions))
                throw new ScheduleFormatException(
                    $"{source}, line {line + 1}: '{lines[line]}' is no list of transitions like '1*3 0 d0:2'");
        }

        if (transitions.Count != steps)
            throw new ScheduleFormatException($"{source} says {steps} steps and has {transitions.Count}");

        return [.. transitions];
    }

    private static void CheckEnd(string text, string source)
    {
        int end = text.LastIndexOf("\nend ", StringComparison.Ordinal) + 1;
        if (end == 0 || !text.EndsWith('\n') || text.IndexOf('\n', end) != text.Length - 1)
            throw new ScheduleFormatException($"{source} is cut off: its closing line is missing");

        string stated = text[(end + 4)..^1];
        string actual = $"{Checksum(text[..end]):x16}";
        if (stated != actual)
            throw new ScheduleFormatException(
                $"{source} is damaged or was edited: its checksum is {actual} and its closing line says '{stated}'");
    }

    private ScheduleFormatException NotWritten(string source, string says) =>
        new($"{source} was not written by {program}: it says {says}");

    private static ulong Checksum(string text) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text));
}
