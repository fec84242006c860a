using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Threading;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Speeds;

/// <summary>
/// Another tool, with a program of its own for much the same algorithm, which is compiled where it is measured.
/// </summary>
internal sealed partial class Peer : Contestant
{
    private const int Executions = 300_000;

    private readonly string _source;
    private readonly Func<string, string[]>[] _compilers;
    private readonly string[] _arguments;
    private readonly Regex _work;
    private readonly Regex _seconds;

    private Peer(
        string name, string source, Func<string, string[]>[] compilers, string[] arguments, Regex work, Regex seconds)
        : base(name)
    {
        _source = source;
        _compilers = compilers;
        _arguments = arguments;
        _work = work;
        _seconds = seconds;
    }

    /// <summary>All of them.</summary>
    internal static (SearchSpeed Search, Peer Peer)[] All { get; } = [Relacy(), Spin()];

    /// <summary>Where it was compiled.</summary>
    private string? Folder { get; set; }

    /// <summary>Compiles it.</summary>
    /// <param name="folder">An empty one.</param>
    /// <param name="cancellation">Ends the compilers.</param>
    /// <returns>Why it cannot be measured here; null if it can.</returns>
    internal string? Prepare(string folder, CancellationToken cancellation)
    {
        using (Stream text = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Speeds/{_source}")!)
        using (FileStream file = File.Create(Path.Combine(folder, _source)))
            text.CopyTo(file);

        Folder = folder;
        foreach (Func<string, string[]> compiler in _compilers)
        {
            string[] command = compiler(_source);
            if (ChildProcess.Run(command[0], command[1..], folder, timeMax: null, cancellation) is not { } run)
                return $"there is no {command[0]} on this machine";

            if (run.Code != 0)
                return $"{command[0]} does not translate it: {(run.Errors + run.Output).Split('\n')[0]}";
        }

        return null;
    }

    internal override double? Measure(SearchSpeed search, CancellationToken cancellation)
    {
        string program = Path.Combine(Folder!, "peer");
        if (ChildProcess.Run(program, _arguments, Folder!, timeMax: null, cancellation) is not { Code: 0 } run)
            return null;

        return Number(_work, run.Output) / Number(_seconds, run.Output) / 1e6;
    }

    // spinroot.com; without partial-order reduction, which would leave out what is counted.
    private static (SearchSpeed Search, Peer Peer) Spin() => (
        new SearchSpeed("churn 6x2x6 as a model of Spin", SpeedUnit.Transitions, []),
        new Peer(
            "Spin",
            "churn.pml",
            [
                source => ["spin", "-DTASKS=6", "-DSLOTS=2", "-a", source],
                _ => ["cc", "-O2", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=8000", "-o", "peer", "pan.c"],
            ],
            ["-m10000000", "-w24", "-n"],
            TransitionsOfSpin(),
            SecondsOfSpin()));

    // github.com/dvyukov/relacy; scheduling by chance.
    private static (SearchSpeed Search, Peer Peer) Relacy() => (
        new SearchSpeed("churn 4x2x4 as a program for Relacy", SpeedUnit.Steps, []),
        new Peer(
            "Relacy",
            "churn.cpp",
            [source => ["c++", "-O2", "-w", "-o", "peer", source]],
            [Executions.ToString(CultureInfo.InvariantCulture)],
            StepsOfRelacy(),
            SecondsOfRelacy()));

    private static double? Number(Regex pattern, string output) =>
        pattern.Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex(@"(\d+) transitions")]
    private static partial Regex TransitionsOfSpin();

    [GeneratedRegex(@"elapsed time ([\d.]+) seconds")]
    private static partial Regex SecondsOfSpin();

    [GeneratedRegex(@"(\d+) steps")]
    private static partial Regex StepsOfRelacy();

    [GeneratedRegex(@"([\d.]+) seconds")]
    private static partial Regex SecondsOfRelacy();
}
