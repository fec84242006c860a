using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands;

/// <summary>Tells the story of a schedule: on the terminal, as a page, or for another tool.</summary>
internal sealed class ExplainCommand() : LabCommand(
    "explain", "Tell the story of a schedule, as a page or for other tools; 0 if the same happens, 1 if not")
{
    private readonly Argument<string> _schedule = new("FILE|TOKEN")
    {
        Description = "A schedule file, or the token of one",
    };

    private readonly Option<string[]> _format = new("--format")
    {
        Description = $"What to write, may be repeated: {string.Join(", ", PictureFormats.Names)}",
        HelpName = "NAME",
        DefaultValueFactory = _ => [PictureFormats.Text],
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_schedule);
        command.Options.Add(_format);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        PictureFormat[] formats = [.. arguments.GetValue(_format)!.Distinct().Select(PictureFormats.Find)];
        string source = arguments.GetValue(_schedule)!;
        Schedule schedule = session.Read(() => ScheduleSource.Load(source));
        if (schedule.Verdict == FailureClass.Nondeterminism)
        {
            throw new UsageException(
                "the schedule shows that the scenario depends on something outside the machine: "
                + "it is not the same twice, so there is no one story");
        }

        Experiment experiment = session.Catalogue.Resolve(schedule);
        if (formats.Any(format => format.Extension.Length > 0))
            session.PrepareOut();

        Explanation explanation = ExplanationOf.Schedule(experiment, schedule, source, session.Cancellation) with
        {
            ModuleOptions = session.ModuleOptions,
        };
        if (!explanation.IsSameBuild)
        {
            session.Terminal.Error.WriteLine(
                $"kmaplab: the schedule is from another build ({schedule.Build:x16}, this is {experiment.Build:x16}): "
                + "what is shown is what this build does, as far as it follows the schedule");
        }

        var files = new List<string>();
        foreach (PictureFormat format in formats)
        {
            if (format.Extension.Length == 0)
                TextPicture.Write(session.Text, explanation);
            else
                files.Add(Save(session, explanation, format));
        }

        ReplayReport report = explanation.Trace.Report;
        session.WriteJson(
            new ExplainReport(
                experiment.Name, report.Reproduced, report.Finding?.Class.Name(), report.Steps, [.. files]),
            ReportJson.Default.ExplainReport);
        return report.Reproduced ? ExitCode.Clean : ExitCode.Failure;
    }

    private static string Save(Session session, Explanation explanation, PictureFormat format)
    {
        string name = File.Exists(explanation.Source)
            ? Path.GetFileNameWithoutExtension(explanation.Source)
            : explanation.Experiment.Name;
        string path = Path.Combine(session.Out, name + format.Extension);
        WholeFile.Write(path, stream => format.Write(explanation, stream));
        session.Text.WriteLine($"{format.Name}: {Printable.Of(path)}");
        return path;
    }
}
