using System.CommandLine;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Conformance.Comparison;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Commands;

/// <summary>Compares the port with recorded traces of the kernel's own code.</summary>
internal sealed class ConformCommand()
    : LabCommand("conform", "Replay recorded traces of the kernel's own code, and compare every step")
{
    private readonly Argument<string> _path = new("PATH")
    {
        Description = "A trace (.jsonl or .jsonl.gz), or a folder of them",
    };

    protected override void AddOptions(Command command) => command.Arguments.Add(_path);

    internal override int Run(Session session, ParseResult arguments)
    {
        IReadOnlyList<string> files = TraceFiles.Find(arguments.GetValue(_path)!);
        ConformanceReport report = new Conformer().Compare(files, session.Jobs, session.Cancellation);
        session.WriteJson(report, ConformanceJson.Default.ConformanceReport);
        session.Text.WriteLine(report);
        if (report.First is { } first)
            session.Text.WriteLine(first);

        int left = files.Count - report.Traces;
        if (left > 0)
            session.Text.WriteLine(
                $"interrupted: {Counted.Of(left, "trace")} {(left == 1 ? "is" : "are")} not compared");

        return report.Mismatches > 0 ? ExitCode.Failure : left == 0 ? ExitCode.Clean : ExitCode.NoAnswer;
    }
}
