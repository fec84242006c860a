using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>
/// Puts the shards of an exploration together, and tells what explore would have told of all of them.
/// </summary>
internal sealed class MergeCommand()
    : LabCommand("merge", "Put the reports of shards together (explore --shard K/N --report FILE)")
{
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Reports of shards, or of shards that were merged before",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string?> _report = new("--report")
    {
        Description = "Where to write all of them as one",
        HelpName = "FILE",
    };
    private readonly Minimization _minimization = new();
    private readonly FailurePage _page = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_files);
        command.Options.Add(_report);
        _minimization.AddTo(command);
        _page.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string[] files = arguments.GetValue(_files)!;
        session.PrepareOut();
        string? place = arguments.GetValue(_report);
        if (place is not null)
            ShardFile.RequirePlace(place);

        var first = ShardFile.Load(files[0]);
        var all = new ShardedExploration(first, files[0]);
        foreach (string file in files.Skip(1))
            all.Add(ShardFile.Load(file), file);

        Schedule schedule = Product.Tokens.Parse(first.Experiment);
        Experiment experiment = session.Catalogue.Resolve(schedule);
        if (schedule.Build != experiment.Build)
            throw new UsageException(
                $"{files[0]} is of another build ({schedule.Build:x16}, this is {experiment.Build:x16}): merge shards "
                + "with the program that has run them");

        session.TakeSeed(schedule.Seed);
        ExplorationReport report = all.Report(experiment);
        if (place is not null)
            all.ToFile().Save(place);

        var what = new ExploredTarget(
            first.Target,
            first.Name,
            experiment,
            schedule.Strategy,
            first.KeepGoing,
            _minimization.IsWanted(arguments),
            _page.IsWanted(arguments));
        string? missing = all.Missing.Count == 0
            ? null
            : $"missing of {first.Of} shards: {Runs(all.Missing)}; this is what the others show";
        return new ExplorationEnding(session, what).Tell(report, experiment.Boot(), all.Seconds, missing);
    }

    /// <summary>1, 3-5, 9.</summary>
    private static string Runs(IReadOnlyList<int> numbers)
    {
        var runs = new List<string>();
        for (int i = 0; i < numbers.Count;)
        {
            int last = i;
            while (last + 1 < numbers.Count && numbers[last + 1] == numbers[last] + 1)
                last++;

            runs.Add(last == i ? $"{numbers[i]}" : $"{numbers[i]}-{numbers[last]}");
            i = last + 1;
        }

        return string.Join(", ", runs);
    }
}
