using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Lists;

/// <summary>Lists the races of the catalogue, or tells one of them.</summary>
internal sealed class RacesCommand() : LabCommand("races", "List the races of the catalogue, or tell the story of one")
{
    private const string Text = "text";
    private const string Markdown = "markdown";

    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "The race to tell; with --matrix also a scenario, FILE.json#NAME, or FILE.json for its programs",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _matrix = new("--matrix")
    {
        Description = "How many executions each strategy needs for each race",
    };

    private readonly Option<int> _seeds = NumberOption.Create(
        "--seeds", "With --matrix: seeds to try, from --seed on", 1, 1000, 5);

    private readonly Option<int> _executions = NumberOption.Create(
        "--executions", "With --matrix: executions after which a strategy has not found it", 1, 10_000_000, 10_000);

    private readonly Option<string[]> _strategies = new("--strategy")
    {
        Description = "With --matrix: only this strategy, or these; all unless given",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _format = new("--format")
    {
        Description = "How the list is written: text, or markdown with all that is said of each",
        HelpName = "NAME",
        DefaultValueFactory = _ => Text,
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_name);
        command.Options.Add(_strategies);
        command.Options.Add(_format);
        command.Options.Add(_matrix);
        command.Options.Add(_seeds);
        command.Options.Add(_executions);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string? asked = arguments.GetValue(_name);
        string format = arguments.GetValue(_format)!;
        if (format is not (Text or Markdown))
        {
            string nearest = NearestName.Suggestion(format, [Text, Markdown]);
            throw new UsageException($"there is no format '{format}'{nearest}; there is {Text}, {Markdown}");
        }

        if (format == Markdown && (asked is not null || arguments.GetValue(_matrix)))
            throw new UsageException("--format markdown is for the whole list: leave NAME and --matrix out");

        if (arguments.GetValue(_matrix))
        {
            IReadOnlyList<KillTarget> targets = KillTarget.Find(session.Catalogue, asked);
            IReadOnlyList<StrategyEntry> strategies = arguments.GetValue(_strategies) is { Length: > 0 } names
                ? [.. names.Distinct().Select(session.Strategies.Strategy)]
                : session.Strategies.Entries;
            return Measure(
                session, targets, strategies, arguments.GetValue(_seeds), arguments.GetValue(_executions));
        }

        if (asked is { } name)
            return RaceTale.Tell(session, session.Catalogue.Race(name));

        if (format == Markdown && !session.IsJson)
            RacesMarkdown.Write(session.Text, session.Catalogue.Races);
        else
            List(session);

        return ExitCode.Clean;
    }

    private static void List(Session session)
    {
        session.WriteJson(
            new RacesReport([.. session.Catalogue.Races.Select(race => RaceTale.Describe(race, null))]),
            ReportJson.Default.RacesReport);
        var table = new Table().Border(TableBorder.Simple).AddColumns("race", "class", "what is wrong");
        foreach (RaceEntry race in session.Catalogue.Races)
        {
            table.AddRow(
                Markup.Escape(race.Name),
                race.Attribute.Shows.Name(),
                Markup.Escape(Printable.Of(race.WhatIsWrong)));
        }

        session.Console.Write(table);
        session.Text.WriteLine("To read one: kmaplab races NAME    To find one: kmaplab explore NAME");
    }

    private static int Measure(
        Session session,
        IReadOnlyList<KillTarget> targets,
        IReadOnlyList<StrategyEntry> strategies,
        int seeds,
        int executions)
    {
        session.PrepareOut();
        IReadOnlyList<KillCell> cells = KillMatrix.Measure(
            targets, strategies, session.Seed, seeds, executions, session.Jobs, session.Cancellation);
        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        string csv = Path.Combine(session.Out, "matrix.csv");
        string picture = Path.Combine(session.Out, "matrix.svg");
        session.WriteJson(
            new MatrixReport([.. cells], executions, csv, picture, isInterrupted),
            ReportJson.Default.MatrixReport);
        if (cells.Count > 0)
        {
            session.Text.WriteLine(
                $"Executions to the first failure, the median of {Counted.Of(seeds, "seed")}, of at most "
                + $"{executions}:");
            KillMatrixText.Write(session.Text, cells);
            WholeFile.Write(csv, KillMatrixText.Csv(cells));
            WholeFile.Write(picture, KillMatrixPicture.Render(cells));
            session.Text.WriteLine($"With the worst: {Printable.Of(csv)}    As a picture: {Printable.Of(picture)}");
        }

        if (isInterrupted)
            session.Text.WriteLine("interrupted: cells are missing");

        return isInterrupted ? ExitCode.NoAnswer : ExitCode.Clean;
    }
}
