using System.CommandLine;
using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>Runs executions of a target until one fails or the budget is spent.</summary>
internal sealed class ExploreCommand() : LabCommand("explore", "Search for a failing schedule of a scenario or a race")
{
    private const long ExecutionsUnlessGiven = 100_000;
    private const long EndlessExecutionsUnlessGiven = 50; // Each runs up to the step limit.

    private const int ContextsListed = 64; // Beyond, strategies that list what can happen take long.

    private readonly Argument<string> _target = new("TARGET")
    {
        Description = "A scenario (kmaplab scenarios) or a race (kmaplab races)",
    };
    private readonly SizeOptions _size = new();
    private readonly Option<string?> _strategy = new("--strategy")
    {
        Description = "Who chooses (auto; random with more than 64 tasks and handlers); an unknown NAME lists them; "
            + "pct:3, delay:2, preemptions:1 set a bound",
        HelpName = "NAME",
    };
    private readonly Option<long?> _executions = NumberOption.CreateOptional<long>(
        "--executions",
        "Executions to run at most (100000, or with --seconds no limit)",
        1,
        long.MaxValue / 2);
    private readonly Option<double?> _seconds = NumberOption.CreateOptional<double>(
        "--seconds",
        "Seconds to run at most",
        0,
        1e6);
    private readonly Option<bool> _keepGoing = new("--keep-going")
    {
        Description = "Go on after the first failure, and count them",
    };
    private readonly Minimization _minimization = new();
    private readonly FailurePage _page = new();
    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Run only part K of N of the executions, for kmaplab merge, which puts the parts together",
        HelpName = "K/N",
    };
    private readonly Option<string?> _report = new("--report")
    {
        Description = "Where the report of a shard goes",
        HelpName = "FILE",
    };

    private readonly MemoSwitches _memo = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        foreach (Option option in (Option[])[_strategy, _executions, _seconds, _keepGoing, _shard, _report])
            command.Options.Add(option);

        _memo.AddTo(command);
        _minimization.AddTo(command);
        _page.AddTo(command);
        _size.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string target = arguments.GetValue(_target)!;
        ShardNumber? shard = ReadShard(arguments);

        // What cannot be made says so before any work.
        string? asked = arguments.GetValue(_strategy);
        if (asked is not null)
            session.Strategies.Strategy(asked).Create(session.Seed);

        Experiment experiment = _size.Resolve(session.Catalogue, arguments, target);
        MachineImage image = experiment.Boot(); // What cannot be booted says so before a folder is made.
        string strategy = asked ?? StrategyUnlessGiven(image);
        StrategyEntry entry = session.Strategies.Strategy(strategy);
        session.PrepareOut();
        if (shard is not null)
            ShardFile.RequirePlace(arguments.GetValue(_report)!);

        using var budget = CancellationTokenSource.CreateLinkedTokenSource(session.Cancellation);
        double? seconds = arguments.GetValue(_seconds);
        if (seconds is { } limit)
            budget.CancelAfter(TimeSpan.FromSeconds(limit));

        bool isEndless =
            experiment.Size.Rounds == ScenarioSize.Forever
            && experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds);
        long executions = arguments.GetValue(_executions)
            ?? (
                seconds is not null ? long.MaxValue / 2
                : isEndless ? EndlessExecutionsUnlessGiven
                : ExecutionsUnlessGiven);
        if (isEndless)
            WarnOfEndlessness(session.Text, target, executions, seconds);

        var options = new ExplorerOptions
        {
            Executions = executions,
            Jobs = session.Jobs,
            KeepGoing = arguments.GetValue(_keepGoing),
            Memo = _memo.Read(arguments),
        };
        options = shard?.Part(options) ?? options;

        var progress = new ProgressLine(session.Terminal);
        var watch = Stopwatch.StartNew();
        var explorer = new Explorer(experiment.Boot, () => entry.Create(session.Seed), options)
        {
            Progress = soFar =>
                progress.Show(() =>
                    $"{target}: {soFar.Executions} executions, {soFar.Failures} failed, "
                    + $"{soFar.Steps / watch.Elapsed.TotalSeconds / 1e6:f1} M steps/s"),
        };
        ExplorationReport report = explorer.Run(budget.Token);
        double elapsed = watch.Elapsed.TotalSeconds;
        progress.Clear();

        var what = new ExploredTarget(
            target,
            arguments.GetValue<string?>("--variant") is { } variant ? $"{target}+{variant}" : target,
            experiment,
            strategy,
            options.KeepGoing,
            _minimization.IsWanted(arguments),
            _page.IsWanted(arguments));
        return shard is null
            ? new ExplorationEnding(session, what).Tell(report, image, elapsed)
            : Keep(session, what, shard, executions, arguments.GetValue(_report)!, report, elapsed);
    }

    private static int Keep(
        Session session,
        ExploredTarget what,
        ShardNumber shard,
        long executions,
        string path,
        ExplorationReport report,
        double elapsed)
    {
        session.Cancellation.ThrowIfCancellationRequested(); // Half a shard is none.

        Schedule booted = session.NewSchedule(what.Experiment, what.Strategy);
        var file = new ShardFile
        {
            Target = what.Target,
            Name = what.Name,
            Experiment = Product.Tokens.Format(booted),
            Executions = executions,
            KeepGoing = what.KeepsGoing,
            Of = shard.Of,
            Shards = [ShardResult.Of(shard, report, elapsed, booted)],
        };
        file.Save(path);
        session.WriteJson(file, ShardJson.Default.ShardFile);
        string shown = report.First is null ? "nothing wrong" : Counted.Of(report.Failures, "failure");
        session.Text.WriteLine(
            $"{what.Name}: shard {shard}: {shown} in {Counted.Of(report.Executions, "execution")}; "
            + $"kmaplab merge makes one report of all {shard.Of}");
        return report.First is null ? ExitCode.Clean : ExitCode.Failure;
    }

    // A random walk counts what can happen next; all others list it, which takes long if it is very much.
    private static string StrategyUnlessGiven(MachineImage image) =>
        image.Contexts <= ContextsListed ? RaceSearch.Strategy : ExplorationEnding.Representative;

    private ShardNumber? ReadShard(ParseResult arguments)
    {
        string? report = arguments.GetValue(_report);
        if (arguments.GetValue(_shard) is not { } text)
        {
            return report is null
                ? null
                : throw new UsageException("--report is where the report of a shard goes: give --shard K/N as well");
        }

        if (report is null)
            throw new UsageException("--shard writes what its executions show for kmaplab merge: give --report FILE");

        if (arguments.GetValue(_seconds) is not null)
            throw new UsageException(
                "--shard is part of a fixed number of executions: give --executions instead of --seconds");

        return ShardNumber.Parse(text);
    }

    private static void WarnOfEndlessness(TextWriter text, string target, long executions, double? seconds)
    {
        string budget = seconds is { } limit ? $"for {limit} s" : $"{Counted.Of(executions, "execution")}";
        text.WriteLine(
            $"{target}: its tasks never end, so each execution is cut off after {new ExplorerOptions().StepsMax} "
            + $"steps, {budget}; "
                + "what shows only at an end, such as a leak, cannot be seen (with --rounds any each round may be the "
                + "last)");
        text.Flush();
    }
}
