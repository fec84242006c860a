using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Results;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>
/// Tells what a campaign has shown, wherever its pieces were run: report.json, campaign.html, corpus/ and some lines.
/// </summary>
internal sealed class CampaignEnding(Session session, string name)
{
    private const int Listed = 10; // Of what is told of each, on a terminal.

    /// <summary>Tells it; yields the exit code.</summary>
    internal int Tell(CampaignResults results)
    {
        CampaignReport report = new CampaignTotals(session.Catalogue, session.Strategies)
            .Of(name, results, session.Cancellation);
        string file = Path.Combine(session.Out, "report.json");
        string page = Path.Combine(session.Out, "campaign.html");
        WholeFile.Write(file, report.Text);
        CorpusFolder.Write(session.Out, report.Corpus, session.Catalogue, session.Jobs, session.Cancellation);
        WholeFile.Write(page, CampaignPage.Render(report));
        session.WriteJson(report, CampaignJson.Default.CampaignReport);
        Write(report, file, page);
        return report.Verdict switch
        {
            CampaignReport.Failures => ExitCode.Failure,
            CampaignReport.Clean => ExitCode.Clean,
            _ => ExitCode.NoAnswer,
        };
    }

    private void Write(CampaignReport report, string file, string page)
    {
        TextWriter text = session.Text;
        string verdict = report.Verdict switch
        {
            CampaignReport.Failures => "NOT as expected",
            CampaignReport.Clean => "all as expected",
            _ => "no answer",
        };
        text.WriteLine(
            $"{name}: {verdict}; {report.Done} of {Counted.Of(report.Pieces, "piece")} in {report.Seconds:f1} s of one "
            + "thread's time");
        WriteTotals(text, report);
        foreach (CorpusEntry entry in report.Corpus.Where(entry => !entry.IsExpected).Take(Listed))
        {
            text.WriteLine(
                $"  {entry.Class}, found by {Counted.Of(entry.Hits, "piece")}: {entry.Message.Split('\n')[0]}");
            text.WriteLine(
                $"    {entry.Target}: kmaplab replay {Printable.Argument(Path.Combine(session.Out, entry.File))} "
                + $"--trace{session.ModuleOptions}");
        }

        foreach (CellRow cell in report.Cells.Where(cell => cell.AsExpected != true).Take(Listed))
            text.WriteLine($"  {cell.Name}: {cell.Answer ?? $"no answer, {cell.Reason}"}, and expected {cell.Expect}");

        WriteWithout(text, "missing", report.Missing);
        WriteWithout(text, "set aside", report.SetAside);
        foreach (string strategy in report.Untested)
            text.WriteLine($"  UNTESTED: {strategy} finds nothing where there is something: it may not look at all");

        text.WriteLine(
            $"report: {Printable.Of(file)}    page: {Printable.Of(page)}    schedules: "
            + Printable.Of(Path.Combine(session.Out, Corpus.Folder)));
    }

    private static void WriteTotals(TextWriter text, CampaignReport report)
    {
        if (report.Targets.Length > 0)
        {
            text.WriteLine(
                $"  sampled: {Counted.Of(report.Targets.Length, "target")}, "
                + $"{Counted.Of(report.Targets.Sum(target => target.Executions), "execution")}, "
                + Counted.Of(report.Targets.Sum(target => target.Failures), "failure"));
        }

        if (report.Targets.Count(target => target.AskedSeconds is not null) is > 0 and int timed)
        {
            text.WriteLine(
                $"  {Counted.Of(timed, "target")} had seconds: another run does more or fewer executions; in the plan "
                + "in their place, the executions of the report do the same again");
        }

        if (report.Cells.Length > 0)
        {
            text.WriteLine(
                $"  searched: {Counted.Of(report.Cells.Length, "cell")}, "
                + $"{report.Cells.Count(cell => cell.AsExpected == true)} as expected, "
                + $"{report.Cells.Count(cell => cell.AsExpected is null)} without an answer, "
                + Counted.Of(report.Cells.Sum(cell => cell.States), "state"));
        }

        if (report.Matrix.Length > 0)
        {
            text.WriteLine(
                $"  to be found: {report.Matrix.Count(cell => cell.Found == cell.Seeds)} of "
                + $"{Counted.Of(report.Matrix.Length, "pair")} of a race and a strategy with every seed, "
                + $"{report.Matrix.Count(cell => cell.Found == 0)} with none");
        }

        text.WriteLine(
            $"  {Counted.Of(report.Corpus.Length, "kind")} of failure, "
            + $"{report.Corpus.Count(entry => !entry.IsExpected)} of them not expected");
    }

    private static void WriteWithout(TextWriter text, string what, PieceName[] pieces)
    {
        if (pieces.Length == 0)
            return;

        text.WriteLine($"  {what}: {Counted.Of(pieces.Length, "piece")}");
        foreach (PieceName piece in pieces.Take(Listed))
        {
            string why = piece.Error is { } error ? $": {error}" : "";
            text.WriteLine($"    {piece.Number}: {piece.Name}{why}");
        }

        if (pieces.Length > Listed)
            text.WriteLine($"    and {pieces.Length - Listed} more; the report has all");
    }
}
