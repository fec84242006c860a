using System.Diagnostics;
using System.Text.Json;
using System.Threading;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Speeds;

/// <summary>A build of this program.</summary>
/// <param name="name">What it is called.</param>
/// <param name="file">Its kmaplab.dll.</param>
/// <param name="folder">Where it may write.</param>
internal sealed class LabBuild(string name, string file, string folder) : Contestant(name)
{
    // Whoever runs this program with dotnet has another one, perhaps, than the first that would be found.
    private static readonly string s_dotnet =
        Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";

    /// <summary>This one.</summary>
    internal static LabBuild Own(string folder) =>
        new("this build", typeof(LabBuild).Assembly.Location, folder);

    internal override double? Measure(SearchSpeed search, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        (int Code, string Output, string Errors)? run = ChildProcess.Run(
            s_dotnet,
            [file, .. search.Arguments, "--json", "--out", Path.Combine(folder, "out")],
            folder,
            timeMax: null,
            cancellation);
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        if (run is not { Code: ExitCode.Clean or ExitCode.NoAnswer } ended)
            return null;

        return search.Unit == SpeedUnit.Milliseconds ? milliseconds : Rate(search, ended.Output);
    }

    private static double? Rate(SearchSpeed search, string output)
    {
        string field = search.Unit == SpeedUnit.Steps ? "stepsPerSecond" : "transitionsPerSecond";
        try
        {
            using var report = JsonDocument.Parse(output);
            return report.RootElement.GetProperty(field).GetDouble() / 1e6;
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
