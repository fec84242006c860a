using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Browser.Tests;

/// <summary>Reports of a few races, made by the program as a user makes them, once for all tests.</summary>
public sealed class ReportPages : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-pages-").FullName;
    private readonly Dictionary<string, string> _pages = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The schedule that a race's report is of.</summary>
    internal string ScheduleOf(string race)
    {
        PageOf(race);
        return Directory.GetFiles(Path.Combine(_folder, race), "*.schedule")[0];
    }

    /// <summary>The report of a race, or of what explore finds with further arguments; as an address.</summary>
    internal string PageOf(string race, params string[] more)
    {
        lock (_pages)
        {
            if (!_pages.TryGetValue(race, out string? page))
                _pages[race] = page = Make(race, more);

            return page;
        }
    }

    /// <summary>The report of the smallest schedule of a race, as an address.</summary>
    internal string MinimalOf(string race)
    {
        PageOf(race);
        string folder = Path.Combine(_folder, race);
        string minimal = Directory.GetFiles(folder, "*-minimal.schedule").Single();
        Run(["explain", minimal, "--format", "html", "--out", folder]);
        return new Uri(Path.ChangeExtension(minimal, ".html")).AbsoluteUri;
    }

    private string Make(string race, string[] more)
    {
        string folder = Path.Combine(_folder, race);
        Run(["explore", .. more.Length == 0 ? [race] : more, "--no-report", "--out", folder]);
        Run(["explain", Directory.GetFiles(folder, "*.schedule")[0], "--format", "html", "--out", folder]);
        return new Uri(Directory.GetFiles(folder, "*.html")[0]).AbsoluteUri;
    }

    private static void Run(string[] args)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        int code = LabProgram.Run(args, new Terminal(stdout, stderr));
        Assert.True(code is ExitCode.Clean or ExitCode.Failure, $"{stderr}");
    }
}
