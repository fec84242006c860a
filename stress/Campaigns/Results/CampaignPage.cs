using System.Globalization;
using System.Net;
using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>The report of a campaign as one HTML file that needs nothing else; links lead to files beside it.</summary>
internal static class CampaignPage
{
    private const string CurvesStyle = """
        .curves { display: flex; flex-wrap: wrap; gap: 1rem; }
        .curves figure { margin: 0; width: 310px; }
        .curves figcaption { font-size: 80%; overflow-wrap: anywhere; }
        """;

    internal static string Render(CampaignReport report)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append($"<title>kmaplab campaign: {Text(report.Plan.Name)}</title>\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"icon\" href=\"data:,\">\n");
        html.Append($"<style>\n{TourPage.Style}\n{CurvesStyle}\n</style>\n</head>\n<body>\n");
        html.Append($"<h1>Campaign: {Text(report.Plan.Name)}</h1>\n");
        AppendHead(html, report);
        AppendWithout(html, "Missing", report.Missing);
        AppendWithout(html, "Set aside: tried, and failed", report.SetAside);
        AppendFailures(html, "Failures", [.. report.Corpus.Where(entry => !entry.IsExpected)]);
        AppendTargets(html, report.Targets);
        AppendCurves(html, [.. report.Targets.Where(row => row.Curve.Length > 0)]);
        AppendCells(html, report.Cells);
        AppendMatrix(html, report.Matrix);
        AppendFailures(html, "Failures that were expected", [.. report.Corpus.Where(entry => entry.IsExpected)]);
        return html.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendHead(StringBuilder html, CampaignReport report)
    {
        string verdict = report.Verdict switch
        {
            CampaignReport.Clean => "Everything is as expected.",
            CampaignReport.Failures => "<b class=\"bad\">Not as expected: see the failures below.</b>",
            _ => "<b class=\"bad\">No answer: something is missing, or could not be decided.</b>",
        };
        html.Append($"<p>{verdict} {report.Done} of {Counted.Of(report.Pieces, "piece")} done, ");
        html.Append(CultureInfo.InvariantCulture, $"{report.Seconds:f0} s of work for one thread; ");
        html.Append($"{Counted.Of(report.Corpus.Length, "kind")} of failure.</p>\n");
        html.Append($"<p>Plan <code>{report.Plan.Fingerprint}</code>, ");
        html.Append($"program <code>{report.Plan.Program}</code></p>\n");
        foreach (string strategy in report.Untested)
            html.Append($"<p class=\"bad\">untested: {Text(strategy)} finds nothing where there is something</p>\n");
    }

    private static void AppendWithout(StringBuilder html, string title, PieceName[] pieces)
    {
        if (pieces.Length == 0)
            return;

        html.Append($"<h2>{title}: {Counted.Of(pieces.Length, "piece")}</h2>\n");
        html.Append("<table>\n<tr><th class=\"n\">piece<th>what<th>why</tr>\n");
        foreach (PieceName piece in pieces)
        {
            html.Append($"<tr><td class=\"n\">{piece.Number}<td>{Text(piece.Name)}<td class=\"bad\">");
            html.Append($"{Text(piece.Error ?? "not run")}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendFailures(StringBuilder html, string title, CorpusEntry[] corpus)
    {
        if (corpus.Length == 0)
            return;

        html.Append($"<h2>{title}</h2>\n<table>\n<tr><th>class<th>what<th>functions<th>smallest schedule");
        html.Append("<th class=\"n\">found by pieces<th>first<th>files</tr>\n");
        foreach (CorpusEntry entry in corpus)
        {
            string proved = entry.IsProved ? " (proved)" : "";
            string size = $"{Counted.Of(entry.Preemptions, "preemption")}, {Counted.Of(entry.Steps, "step")}";
            html.Append($"<tr id=\"{entry.Fingerprint}\"><td>{entry.Class}");
            html.Append($"<td>{Text(entry.Message.Split('\n')[0])}<br><code>{Text(entry.Target)}</code>");
            html.Append($"<td>{Text(string.Join(", ", entry.Culprits))}<td>{size}{proved}");
            html.Append($"<td class=\"n\">{entry.Hits}<td>{Text(entry.First.Name)}");
            html.Append($"<td><a href=\"{entry.File}\">schedule</a> ");
            html.Append($"<a href=\"{CorpusFolder.PageOf(entry)}\">report</a></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendTargets(StringBuilder html, TargetRow[] targets)
    {
        if (targets.Length == 0)
            return;

        html.Append("<h2>What was sampled</h2>\n<p>Orders are classes of executions that become each other by ");
        html.Append("swapping steps that cannot see each other, among those that were compared; a new one: how ");
        html.Append("likely another execution shows one that none of them has (I. J. Good), and at most.</p>\n");
        html.Append("<table>\n<tr><th>target<th>strategy<th class=\"n\">seed<th class=\"n\">executions");
        html.Append("<th class=\"n\">failures<th>fails at most<th class=\"n\">compared<th class=\"n\">orders");
        html.Append("<th>a new one</tr>\n");
        foreach (TargetRow row in targets)
        {
            html.Append($"<tr><td>{Text(row.Name)}<td>{Text(row.Strategy)}<td class=\"n\">{row.Seed}");
            html.Append($"<td class=\"n\">{row.Executions}{Seconds(row)}{Missing(row)}<td class=\"n\">{Failures(row)}");
            html.Append($"<td>{AtMost(row.Estimate)}<td class=\"n\">{row.Compared}<td class=\"n\">{row.Distinct}");
            html.Append($"<td>{New(row.Classes)}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendCurves(StringBuilder html, TargetRow[] targets)
    {
        if (targets.Length == 0)
            return;

        html.Append("<h3>How many orders they have seen</h3>\n<p>A line for each strategy and seed, of the ");
        html.Append("executions that were compared, shard after shard. One that still rises has not seen them all; ");
        html.Append("one that does not rise any more may still not know what this strategy seldom does.</p>\n");
        string[] strategies = [.. targets.Select(row => row.Strategy).Distinct()];
        html.Append("<div class=\"curves\">\n");
        foreach (IGrouping<string, TargetRow> same in targets.GroupBy(row => row.Name))
        {
            html.Append($"<figure>\n{DiscoveryPicture.Render([.. same], strategies)}\n");
            html.Append($"<figcaption><code>{Text(same.Key)}</code></figcaption>\n</figure>\n");
        }

        html.Append("</div>\n");
    }

    private static string Seconds(TargetRow row) => row.AskedSeconds is { } seconds
        ? string.Create(CultureInfo.InvariantCulture, $" in {seconds} s")
        : "";

    private static string Missing(TargetRow row) => row.Done == row.Shards
        ? ""
        : $" <span class=\"bad\">({row.Done} of {Counted.Of(row.Shards, "shard")})</span>";

    private static string Failures(TargetRow row) => row.Failures == 0
        ? "none"
        : $"<span class=\"bad\">{row.Failures}</span> {string.Join(' ', row.Found.Select(Link))}";

    private static string Link(string fingerprint) => $"<a href=\"#{fingerprint}\">{fingerprint}</a>";

    private static string AtMost(EstimateReport? estimate) => estimate is { AtMost: { } atMost }
        ? string.Create(CultureInfo.InvariantCulture, $"1 in {1 / atMost:f0}")
        : "";

    private static string New(ClassesReport? classes) => classes is { NewProbability: { } about, NewAtMost: { } atMost }
        ? string.Create(CultureInfo.InvariantCulture, $"{about * 100:0.#} %, at most {atMost * 100:0.#} %")
        : "";

    private static void AppendCells(StringBuilder html, CellRow[] cells)
    {
        if (cells.Length == 0)
            return;

        html.Append("<h2>What was searched</h2>\n<p>Every state that any interleaving can reach:</p>\n<table>\n");
        html.Append("<tr><th>target<th>verdict<th>expected<th class=\"n\">states<th class=\"n\">transitions");
        html.Append("<th>progress</tr>\n");
        foreach (CellRow cell in cells)
        {
            string kind = cell.AsExpected == true ? "" : " class=\"bad\"";
            string shown = cell.Answer ?? $"{cell.Verdict}: {cell.Reason}";
            html.Append($"<tr><td>{Text(cell.Name)}<td{kind}>{Text(shown)}");
            html.Append(cell.Found is { } found ? $" {Link(found)}" : "");
            html.Append($"<td>{Text(cell.Expect)}<td class=\"n\">{cell.States}<td class=\"n\">{cell.Transitions}");
            html.Append($"<td>{Text(cell.Progress ?? "")}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendMatrix(StringBuilder html, KillCell[] cells)
    {
        if (cells.Length == 0)
            return;

        html.Append("<h2>The races by the strategies</h2>\n<div class=\"picture\">\n");
        html.Append(KillMatrixPicture.Render(cells, isFile: false)).Append("</div>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
