using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
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
public static class ScheduleText
{
    private const string Magic = "kmaplab schedule ";
    private const string None = "none";
    private const string Any = "any";
    private const string ModulesField = "modules"; // Only where there are some.

    /// <summary>The text of a schedule.</summary>
    public static string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var text = new StringBuilder($"{Magic}{Schedule.Version}\n");
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
    public static Schedule Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.ReplaceLineEndings("\n"); // A file that came by mail or through another system is still the same.
        if (!text.StartsWith(Magic, StringComparison.Ordinal))
            throw new ScheduleFormatException($"{source} is not a schedule: it does not begin with '{Magic.Trim()}'");

        CheckVersion(text[Magic.Length..].Split('\n')[0], source);
        CheckEnd(text, source);
        string[] lines = text.Split('\n');
        var fields = new FieldReader(lines, source);
        Schedule schedule = ParseFields(fields);
        return Checked(schedule with { Transitions = ParseTransitions(lines, fields.Line, source) }, source);
    }

    /// <summary>The schedule, if what it says of itself is possible: a right checksum does not mean that.</summary>
    internal static Schedule Checked(Schedule schedule, string source)
    {
        string? wrong = schedule switch
        {
            { Points: var points } when (points & ~SchedulingPoints.All) != 0 => $"points {(int)points}",
            { Verdict: { } verdict } when !Enum.IsDefined(verdict) => $"a class of failure with number {(int)verdict}, which only a newer one could know",
            { Execution: < 0 } => $"execution {(ulong)schedule.Execution}",
            { Loop: var loop } when loop < 0 || loop > schedule.Transitions.Length => $"a loop of {loop} of its {schedule.Transitions.Length} steps",
            _ => null,
        };
        return wrong is null ? schedule : throw new ScheduleFormatException($"{source} was not written by kmaplab: it says {wrong}");
    }

    internal static void CheckVersion(string version, string source)
    {
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            throw new ScheduleFormatException($"{source} is not a schedule: '{version}' is no version");

        if (number > Schedule.Version)
            throw new ScheduleFormatException($"{source} has version {number} and this kmaplab reads up to {Schedule.Version}: use a newer kmaplab");
    }

    private static IEnumerable<(string Name, string Value)> Fields(Schedule schedule)
    {
        ScenarioSize size = schedule.Size;
        yield return ("scenario", schedule.Scenario);
        yield return ("variant", schedule.Variant ?? None);
        if (schedule.Modules.Length > 0)
            yield return (ModulesField, schedule.Modules);

        yield return ("tasks", $"{size.Tasks}");
        yield return ("slots", $"{size.Slots}");
        yield return ("pages", $"{size.Pages}");
        yield return ("cpus", $"{size.Cpus}");
        yield return ("rounds", size.Rounds == ScenarioSize.AnyRounds ? Any : $"{size.Rounds}");
        yield return ("depth", $"{size.Depth}");
        yield return ("script", size.Script);
        yield return ("release", size.Release);
        yield return ("debug-highmem", size.DebugHighmem ? "yes" : "no");
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

    private static Schedule ParseFields(FieldReader fields) => new()
    {
        Scenario = fields.Text("scenario"),
        Variant = fields.Text("variant") is var variant && variant == None ? null : variant,
        Modules = fields.Has(ModulesField) ? fields.Text(ModulesField) : "",
        Size = new ScenarioSize
        {
            Tasks = fields.Int("tasks"),
            Slots = fields.Int("slots"),
            Pages = fields.Int("pages"),
            Cpus = fields.Int("cpus"),
            Rounds = fields.IntOr("rounds", Any, ScenarioSize.AnyRounds),
            Depth = fields.Int("depth"),
            Script = fields.Text("script"),
            Release = fields.Text("release"),
            DebugHighmem = fields.YesOrNo("debug-highmem"),
        },
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
            throw new ScheduleFormatException($"{source}, line {line}: expected an empty line in front of the transitions");

        var transitions = new List<Transition>();
        for (; !lines[line].StartsWith("end ", StringComparison.Ordinal); line++)
        {
            if (!TransitionRuns.TryParse(lines[line], transitions))
                throw new ScheduleFormatException($"{source}, line {line + 1}: '{lines[line]}' is no list of transitions like '1*3 0 d0:2'");
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
            throw new ScheduleFormatException($"{source} is damaged or was edited: its checksum is {actual} and its closing line says '{stated}'");
    }

    private static ulong Checksum(string text) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text));
}
