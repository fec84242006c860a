using System.Text.Json;
using Kmaplab.Stress.Conformance;

namespace Kmaplab.Stress.Commands;

/// <summary>kmaplab conform: compares the port with recorded traces of the kernel's own code.</summary>
public static class ConformCommand
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Compares every trace of <paramref name="path"/>; yields 0 if all agree, 1 if one does not, 2 if one cannot be read.</summary>
    public static int Run(string path, bool json, TextWriter stdout, TextWriter stderr, int jobs = 1)
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
