using System.CommandLine;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Conformance.Recording;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands;

/// <summary>Writes a trace of the port, in the form of those of the kernel's own code.</summary>
internal sealed class RecordCommand() : LabCommand("record", "Write a trace of the port that kmaplab conform can read")
{
    private static readonly RecordOptions s_usual = new();

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "The file to write: .jsonl, or .jsonl.gz for a compressed one",
    };
    private readonly Option<string> _kind = new("--kind")
    {
        Description = "coarse, fine, hash-fine or atomic",
        HelpName = "KIND",
        DefaultValueFactory = _ => "coarse",
    };
    private readonly Option<int> _steps = NumberOption.Create(
        "--steps",
        "Steps to record at most",
        1,
        RecordOptions.StepsMax,
        s_usual.Steps);
    private readonly Option<int> _tasks = NumberOption.Create(
        "--tasks",
        "Number of tasks",
        1,
        Transition.MaxContexts,
        s_usual.Tasks);
    private readonly Option<int> _slots = NumberOption.Create(
        "--slots",
        "Number of slots (LAST_PKMAP), a power of two",
        1,
        RecordOptions.SizeMax,
        s_usual.Slots);
    private readonly Option<int> _pages = NumberOption.Create(
        "--pages",
        "Number of pages, the last of which is low memory",
        1,
        RecordOptions.SizeMax,
        s_usual.Pages);
    private readonly Option<int> _depth = NumberOption.Create(
        "--depth",
        "Mappings that a task holds at once; 0 for as many as cannot deadlock",
        0,
        RecordOptions.SizeMax,
        s_usual.Depth);
    private readonly Option<int> _cpus = NumberOption.Create(
        "--cpus",
        "Number of CPUs, in atomic traces",
        1,
        Transition.MaxContexts,
        s_usual.Cpus);
    private readonly Option<bool> _debugHighmem = new("--debug-highmem")
    {
        Description = "CONFIG_DEBUG_HIGHMEM, in atomic traces",
    };

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
        string file = arguments.GetValue(_file)!;
        if ((options.Problem() ?? TraceFiles.NameProblem(file)) is { } problem)
            throw new UsageException(problem);

        string kind = Words<TraceKind>.Of(options.Kind);
        Task<RecordedTrace> recording = Task.Run(() => TraceRecorder.Record(options));
        if (!Finishes(recording, session.Cancellation))
        {
            session.Text.WriteLine($"interrupted: {Printable.Of(file)} is not written");
            session.WriteJson(
                new RecordReport(file, kind, options.Seed, 0, "interrupted"),
                ReportJson.Default.RecordReport);
            return ExitCode.NoAnswer;
        }

        RecordedTrace trace = recording.Result;
        Write(file, trace);
        string end = Words<EndReason>.Of(trace.End.Reason);
        session.Text.WriteLine($"{Printable.Of(file)}: {Counted.Of(trace.End.Steps, "step")}, end '{end}'");
        session.WriteJson(
            new RecordReport(file, kind, options.Seed, trace.End.Steps, end),
            ReportJson.Default.RecordReport);
        return ExitCode.Clean;
    }

    private static bool Finishes(Task<RecordedTrace> recording, CancellationToken cancellation)
    {
        try
        {
            recording.Wait(cancellation);
            return !cancellation.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static void Write(string file, RecordedTrace trace)
    {
        try
        {
            TraceFiles.WriteWhole(file, trace.WriteTo);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            string hint =
                failure is DirectoryNotFoundException
                    ? "name a file in a folder that is there"
                    : "check the place and its free space";
            throw new UsageException($"'{file}' cannot be written: {failure.Message.TrimEnd('.')}; {hint}");
        }
    }

    private static TraceKind Kind(string name)
    {
        TraceKind[] kinds = Enum.GetValues<TraceKind>();
        int kind = Array.FindIndex(kinds, known => Words<TraceKind>.Of(known) == name);
        if (kind >= 0)
            return kinds[kind];

        string[] names = [.. kinds.Select(known => Words<TraceKind>.Of(known))];
        throw new UsageException(
            $"--kind '{name}' is none of {string.Join(", ", names)}{NearestName.Suggestion(name, names)}");
    }
}
