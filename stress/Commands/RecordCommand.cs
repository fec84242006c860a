using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Recording;

namespace Kmaplab.Stress.Commands;

/// <summary>Writes a trace of the port, in the form of those of the kernel's own code.</summary>
internal sealed class RecordCommand() : LabCommand("record", "Write a trace of the port that kmaplab conform can read")
{
    private static readonly RecordOptions s_usual = new();

    private readonly Argument<string> _file = new("FILE") { Description = "The file to write: .jsonl, or .jsonl.gz for a compressed one" };
    private readonly Option<string> _kind = new("--kind") { Description = "coarse, fine, hash-fine or atomic", HelpName = "KIND", DefaultValueFactory = _ => "coarse" };
    private readonly Option<int> _steps = Size("--steps", "Steps to record at most", s_usual.Steps);
    private readonly Option<int> _tasks = Size("--tasks", "Number of tasks", s_usual.Tasks);
    private readonly Option<int> _slots = Size("--slots", "Number of slots (LAST_PKMAP), a power of two", s_usual.Slots);
    private readonly Option<int> _pages = Size("--pages", "Number of pages, the last of which is low memory", s_usual.Pages);
    private readonly Option<int> _depth = Size("--depth", "Mappings that a task holds at once; 0 for as many as cannot deadlock", s_usual.Depth);
    private readonly Option<int> _cpus = Size("--cpus", "Number of CPUs, in atomic traces", s_usual.Cpus);
    private readonly Option<bool> _debugHighmem = new("--debug-highmem") { Description = "CONFIG_DEBUG_HIGHMEM, in atomic traces" };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_file);
        foreach (Option option in (Option[])[_kind, _steps, _tasks, _slots, _pages, _depth, _cpus, _debugHighmem])
            command.Options.Add(option);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        var options = new RecordOptions
        {
            Kind = Kind(arguments.GetValue(_kind)!),
            Seed = session.Seed,
            Steps = arguments.GetValue(_steps),
            Tasks = arguments.GetValue(_tasks),
            Slots = arguments.GetValue(_slots),
            Pages = arguments.GetValue(_pages),
            Depth = arguments.GetValue(_depth),
            Cpus = arguments.GetValue(_cpus),
            DebugHighmem = arguments.GetValue(_debugHighmem),
        };
        return Run(options, arguments.GetValue(_file)!, session.Text, session.Terminal.Error);
    }

    /// <summary>Writes one trace to <paramref name="path"/>, compressed if it ends in .gz; yields 0, or 2 if that is impossible.</summary>
    internal static int Run(RecordOptions options, string path, TextWriter stdout, TextWriter stderr)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(stdout);
        ArgumentNullException.ThrowIfNull(stderr);
        if ((options.Problem() ?? TraceFiles.NameProblem(path)) is { } problem)
        {
            stderr.WriteLine(problem);
            return 2;
        }

        RecordedTrace trace = TraceRecorder.Record(options);
        try
        {
            trace.WriteTo(TraceFiles.Create(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            stderr.WriteLine($"{path}: cannot be written: {failure.Message}");
            return 2;
        }

        stdout.WriteLine($"{path}: {trace.End.Steps} steps, end '{TraceWords.Ends[trace.End.Reason]}'");
        return 0;
    }

    private static Option<int> Size(string name, string description, int usual) =>
        NumberOption.Create(name, description, int.MinValue, int.MaxValue, usual);

    private static TraceKind Kind(string name)
    {
        TraceKind[] kinds = Enum.GetValues<TraceKind>();
        int kind = Array.FindIndex(kinds, known => TraceWords.Kinds[known] == name);
        if (kind >= 0)
            return kinds[kind];

        string[] names = [.. kinds.Select(known => TraceWords.Kinds[known])];
        throw new UsageException($"--kind '{name}' is none of {string.Join(", ", names)}{NearestName.Suggestion(name, names)}");
    }
}
