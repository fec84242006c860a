using System.CommandLine;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Proofs;

/// <summary>
/// The options of a search that is kept on disk, so that it can be gone on with after the process is gone.
/// </summary>
internal sealed class KeptSearch
{
    // A search is not slowed down by more than a twentieth, however long it takes to write what it has done.
    private const int TimesAsLong = 20;

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on with the same search where it was when it was interrupted or killed",
    };
    private readonly Option<int> _seconds = NumberOption.Create(
        "--checkpoint",
        "Seconds after which to keep what was searched, in the folder for reports; also done at Ctrl-C (0: never)",
        0,
        1_000_000,
        300);

    internal void AddTo(Command command)
    {
        command.Options.Add(_resume);
        command.Options.Add(_seconds);
    }

    /// <summary>Where a search is kept; null if it is not.</summary>
    internal Checkpoint? Open(Session session, ParseResult arguments, Experiment experiment, bool canBeKept)
    {
        bool resumes = arguments.GetValue(_resume);
        int seconds = arguments.GetValue(_seconds);
        if (resumes && !canBeKept)
            throw new UsageException("--resume: searches with --exact or --depth-first are not kept; leave it out");

        if ((seconds == 0 && !resumes) || !canBeKept)
            return null;

        string path = PathOf(session, experiment);
        if (!resumes && File.Exists(path))
        {
            session.Terminal.Error.WriteLine(
                $"kmaplab: {Printable.Of(path)} is of such a search that has not ended, with which --resume goes on; "
                + "this one begins anew");
        }

        Checkpoint checkpoint = New(session, experiment, path, seconds);
        try
        {
            if (resumes)
                checkpoint.Resume();

            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static Checkpoint New(Session session, Experiment experiment, string path, int seconds)
    {
        TimeSpan every = seconds == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);
        TimeSpan next = every;
        var watch = Stopwatch.StartNew();
        TimeSpan begun = default;
        return new Checkpoint(path, Identity(experiment))
        {
            IsDue = () => watch.Elapsed >= next,
            Begins = () =>
            {
                begun = watch.Elapsed;
                session.IsKeeping(true);
            },
            Tried = problem =>
            {
                session.IsKeeping(false);
                TimeSpan pause = (watch.Elapsed - begun) * TimesAsLong;
                next = every == TimeSpan.MaxValue ? every : watch.Elapsed + (pause > every ? pause : every);
                if (problem is not null)
                    session.Terminal.Error.WriteLine($"kmaplab: {Printable.Of(problem)}; the search goes on");
            },
        };
    }

    // One for each target and size: others are in nobody's way.
    private static string PathOf(Session session, Experiment experiment)
    {
        string told = string.Join('\n', Parameters(experiment).Select(part => $"{part.Name}={part.Value}"));
        string name = string.Concat(experiment.Name.Select(letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '-' or '+' ? letter : '_'));
        string sizes = $"{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(told)):x16}"[..8];
        return Path.Combine(session.Out, "checkpoint", $"{name}-{sizes}.checkpoint");
    }

    private static (string Name, string Value)[] Identity(Experiment experiment) =>
        [("target", experiment.Name), .. Parameters(experiment), ("build", $"{experiment.Build:x16}")];

    private static IEnumerable<(string Name, string Value)> Parameters(Experiment experiment) =>
    [
        .. experiment.Scenario.Parameters.Taken.Select(parameter =>
            (parameter.Name, experiment.Parameters.Text(parameter.Name))),
        ("preempt", experiment.Preempt ? "on" : "off"),
    ];
}
