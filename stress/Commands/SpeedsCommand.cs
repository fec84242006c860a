using System.CommandLine;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Speeds;

namespace Kmaplab.Stress.Commands;

/// <summary>How fast the searches are, each command in a process of its own.</summary>
internal sealed class SpeedsCommand() : LabCommand(
    "speeds", "Measure the searches at fixed sizes, beside another build, and Spin and Relacy where they are installed")
{
    private readonly Option<string?> _against = new("--against")
    {
        Description = "The kmaplab.dll of another build, which is run in turn with this one",
        HelpName = "FILE.dll",
    };

    private readonly Option<string> _filter = new("--filter")
    {
        Description = "Which searches, by a part of their names",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int> _runs = NumberOption.Create("--runs", "Runs of each; the median counts", 1, 1000, 3);

    protected override void AddOptions(Command command)
    {
        foreach (Option option in (Option[])[_against, _filter, _runs])
            command.Options.Add(option);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory("kmaplab-");
        var progress = new ProgressLine(session.Terminal);
        try
        {
            SpeedTable table = Choose(session, arguments, place);
            bool isInterrupted = !Measure(table, arguments.GetValue(_runs), progress, session.Cancellation);
            progress.Clear();
            if (isInterrupted)
                session.Text.WriteLine("interrupted: some of the runs are missing");

            SpeedRow[] rows = [.. table.Rows];
            SpeedsText.Write(session.Text, rows);
            session.WriteJson(SpeedsReport.Of(rows), SpeedsJson.Default.SpeedsReport);
            return isInterrupted || rows.Length == 0 || Array.Exists(rows, row => row.Cells[0].Median is null)
                ? ExitCode.NoAnswer
                : ExitCode.Clean;
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    private static bool Measure(SpeedTable table, int runs, ProgressLine progress, CancellationToken cancellation)
    {
        try
        {
            table.Run(runs, what => progress.Show(() => what), cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private SpeedTable Choose(Session session, ParseResult arguments, DirectoryInfo place)
    {
        string filter = arguments.GetValue(_filter)!;
        bool IsChosen(SearchSpeed search) => search.Name.Contains(filter, StringComparison.OrdinalIgnoreCase);

        Contestant[] builds = Builds(arguments.GetValue(_against), place.FullName);
        SearchSpeed[] searches = [.. SearchSpeed.All.Where(IsChosen)];
        (SearchSpeed Search, Peer Peer)[] peers = [.. Peer.All.Where(each => IsChosen(each.Search))];
        if (searches.Length + peers.Length == 0)
        {
            IEnumerable<SearchSpeed> all = SearchSpeed.All.Concat(Peer.All.Select(each => each.Search));
            throw new UsageException(
                $"--filter '{filter}' fits no search: there is {string.Join("; ", all.Select(each => each.Name))}");
        }

        var table = new SpeedTable();
        foreach (SearchSpeed search in searches)
            table.Add(search, builds);

        foreach ((SearchSpeed search, Peer peer) in peers)
        {
            string folder = place.CreateSubdirectory(peer.Name).FullName;
            if (Prepare(peer, folder, session.Cancellation) is { } problem)
                session.Text.WriteLine($"{peer.Name} is left out: {problem}");
            else
                table.Add(search, peer);
        }

        return table;
    }

    private static string? Prepare(Peer peer, string folder, CancellationToken cancellation)
    {
        try
        {
            return peer.Prepare(folder, cancellation);
        }
        catch (OperationCanceledException)
        {
            return "interrupted";
        }
    }

    private static Contestant[] Builds(string? against, string folder)
    {
        LabBuild own = LabBuild.Own(folder);
        if (against is null)
            return [own];

        string file = Path.GetFullPath(against);
        if (!File.Exists(file))
            throw new UsageException($"--against: {against} is no file; name the kmaplab.dll of another build");

        return [own, new LabBuild(against, file, folder)];
    }
}
