using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs a target on OS threads, which really spin and sleep.</summary>
internal sealed class SoakCommand() : LabCommand("soak", "Run a scenario or a race on real threads, and measure it")
{
    private const double SecondsUnlessGiven = 10;
    private const double SecondsMin = 0.01;
    private const double SecondsMax = 1e6;
    private const string Real = "real";

    private readonly Argument<string> _target = new("TARGET")
    {
        Description = "A scenario (kmaplab scenarios) or a race (kmaplab races)",
    };
    private readonly SizeOptions _size = new();
    private readonly Option<int?> _threads = NumberOption.CreateOptional<int>(
        "--threads", "Number of tasks, each a thread; the scenario's own unless given", 1, ThreadOptions.TasksMax);
    private readonly Option<double> _seconds = NumberOption.Create(
        "--seconds", "Seconds to run", SecondsMin, SecondsMax, SecondsUnlessGiven);
    private readonly Option<bool> _bare = new("--bare")
    {
        Description = "Without any check, for throughput; tasks that can never go on are noticed all the same",
    };
    private readonly Option<string?> _memory = new("--memory")
    {
        Description = "Page frames are words (the default), or pages that are really mapped (Linux on x86-64)",
        HelpName = "words|real",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text is "words" or Real)
                return text;

            result.AddError($"--memory takes 'words' or 'real', not '{text}'");
            return null;
        },
    };
    private readonly Option<ulong?> _jitter = NumberOption.CreateOptional<ulong>(
        "--jitter", "Pause a little at random in front of primitives, so that more is found", 0, ulong.MaxValue);
    private readonly SoakRecord _record = new();
    private readonly Minimization _minimization = new();
    private readonly FailurePage _page = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        foreach (Option option in (Option[])[_threads, _seconds, _bare, _memory, _jitter])
            command.Options.Add(option);

        _record.AddTo(command);
        _minimization.AddTo(command);
        _page.AddTo(command);
        _size.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string target = arguments.GetValue(_target)!;
        ulong? jitter = arguments.GetValue(_jitter);
        var options = new SoakOptions(
            TimeSpan.FromSeconds(arguments.GetValue(_seconds)),
            arguments.GetValue(_bare),
            jitter ?? session.Seed,
            jitter is not null)
        {
            RealMemory = arguments.GetValue(_memory) == Real,
        };
        options = _record.Read(arguments, options);
        if (options is { IsBare: true, HasJitter: true })
            throw new UsageException("--jitter pauses where --bare looks at nothing: give one of them");

        Experiment experiment = _size.ResolveSoak(
            session.Catalogue, arguments, target, arguments.GetValue(_threads));
        ThreadTarget.Require(target, experiment, session.Catalogue.FindRace(target));
        if (experiment.Detectors.Count > 0)
            session.Text.WriteLine("detectors of modules watch the simulated machine only, and see nothing here");

        if (options.RealMemory && experiment.Scenario.Name == TestcaseLine.Scenario)
            session.Text.WriteLine(TestcaseLine.Print());

        var progress = new ProgressLine(session.Terminal);
        string name = arguments.GetValue<string?>("--variant") is { } variant ? $"{target}+{variant}" : target;
        Schedule header = SoakRecord.Header(session, experiment, options);
        using FileStream? file = _record.Open(arguments);
        var soak = new Soak(experiment, options)
        {
            Progress = (seconds, totals) => progress.Show(() => SoakText.Line(name, seconds, totals)),
            Pipe = file is null ? null : SoakRecord.Pipe(file, header),
        };
        SoakResult result = soak.Run(session.Cancellation);
        progress.Clear();

        Recording? failed = result is { Recording: { } run, Finding: { } finding }
            ? new Recording(header.With(finding), run)
            : null;
        SavedSchedule? recording = file is not null ? new SavedSchedule(_record.FileOf(arguments), null)
            : failed is null ? null
            : SoakRecord.Save(session, experiment.Name, header, result);
        SimulatedFailure? simulated = failed is null ? null
            : SimulatedFailure.Of(
                session, name, experiment, failed, _minimization.IsWanted(arguments), _page.IsWanted(arguments));
        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        SoakText.Write(session.Text, name, options, result, recording);
        simulated?.Write(session.Text, session.ModuleOptions);
        if (isInterrupted)
            session.Text.WriteLine("  interrupted: this is what was done until then");

        session.WriteJson(
            SoakReport.Of(
                target, options, result, isInterrupted, recording, simulated?.Failure, SizeText.Json(experiment)),
            SoakJson.Default.SoakReport);
        bool hasAnswer =
            !isInterrupted && result.Totals.AllOperations > 0 && result.Kept is null or { Problem: null };
        return result.Finding is not null ? ExitCode.Failure : hasAnswer ? ExitCode.Clean : ExitCode.NoAnswer;
    }
}
