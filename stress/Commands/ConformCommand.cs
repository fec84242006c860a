using System.CommandLine;
using System.Text.Json;
using Kmaplab.Stress.Conformance;

namespace Kmaplab.Stress.Commands;

/// <summary>Compares the port with recorded traces of the kernel's own code.</summary>
internal sealed class ConformCommand() : LabCommand("conform", "Replay recorded traces of the kernel's own code, and compare every step")
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Argument<string> _path = new("PATH") { Description = "A trace (.jsonl or .jsonl.gz), or a folder of them" };

    protected override void AddOptions(Command command) => command.Arguments.Add(_path);

    internal override int Run(Session session, ParseResult arguments) =>
        Run(arguments.GetValue(_path)!, session.IsJson, session.Terminal.Out, session.Terminal.Error, session.Jobs);

    /// <summary>Compares every trace of <paramref name="path"/>; yields 0 if all agree, 1 if one does not, 2 if one cannot be read.</summary>
    internal static int Run(string path, bool json, TextWriter stdout, TextWriter stderr, int jobs = 1)
    {
        ArgumentNullException.ThrowIfNull(stdout);
        ArgumentNullException.ThrowIfNull(stderr);
        ConformanceReport report;
        try
        {
            report = new Conformer().CompareAll(path, jobs);
        }
        catch (TraceFormatException unreadable)
        {
            stderr.WriteLine(unreadable.Message);
            return 2;
        }

        if (json)
            stdout.WriteLine(JsonSerializer.Serialize(report, s_json));

        (json ? stderr : stdout).WriteLine(report);
        if (report.First is { } first)
            (json ? stderr : stdout).WriteLine(first);

        return report.Mismatches == 0 ? 0 : 1;
    }
}
