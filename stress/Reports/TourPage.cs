using System.Net;
using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Tables;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Reports;

/// <summary>The tour as one HTML file that needs nothing else.</summary>
internal static class TourPage
{
    internal const string Style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
        th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
        pre { overflow-x: auto; padding: .8rem; border: 1px solid #8886; border-radius: .4rem; }
        pre { font-size: 13px; line-height: 1.35; }
        code { font-size: 90%; }
        .picture { overflow-x: auto; }
        .bad { color: #c33; font-weight: 600; }
        h2 { margin-top: 3rem; }
        @media (max-width: 40rem) { table { display: block; overflow-x: auto; } }
        """;

    internal static string Render(
        ulong seed,
        IReadOnlyList<(RaceEntry Race, TourRace Result, ExecutionTrace? Trace)> races,
        TourReport report)
    {
        var html = new StringBuilder();
        html.Append(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>kmaplab: the races of "
            + "kmap_high()</title>\n");
        html.Append(
            $"<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        html.Append("<h1>The races of kmap_high()</h1>\n");
        html.Append(
            "<p>One port of the kmap allocator of Linux 2.6 runs on a simulated machine, where every interleaving can "
            + "be chosen, repeated and searched through, and on threads. All that is here was found, proved and "
            + "measured by one run of <code>kmaplab</code>.</p>\n");
        html.Append(
            "<p>Each race is one small change to that port, found by random scheduling "
            + $"(seed {seed}), made as small as can be, and replayed from the schedule file of that.</p>\n");
        AppendRaces(html, report.Races);
        html.Append("<h2>The port without them</h2>\n");
        AppendVerified(html, report.Verified);
        AppendExplored(html, report.Explored);
        AppendSizes(html, report.Sizes);
        TourPlots.Append(html, report.Threads);
        AppendMatrix(html, report.Matrix);
        foreach ((RaceEntry race, TourRace result, ExecutionTrace? trace) in races)
            AppendStory(html, race, result, trace);

        html.Append("</body>\n</html>\n");
        return html.ToString();
    }

    private static void AppendRaces(StringBuilder html, TourRace[] races)
    {
        html.Append(
            "<table>\n<tr><th>race<th>class<th class=\"n\">found after executions<th>minimal<th>replayed"
            + "<th>report</tr>\n");
        foreach (TourRace race in races)
        {
            string shown = race.Found ? Text(race.Class!) : "<span class=\"bad\">not found</span>";
            string replayed = race.Reproduced ? "yes" : "<span class=\"bad\">no</span>";
            html.Append(
                $"<tr><td><a href=\"#{Text(race.Name)}\">{Text(race.Name)}</a><td>{shown}<td "
                + $"class=\"n\">{race.Executions}<td>{Minimal(race)}<td>{replayed}<td>"
                + $"{Report(race, "report")}</tr>\n");
        }

        html.Append("</table>\n");
    }

    // It lies beside this page.
    private static string Report(TourRace race, string words) => race.Report is { } report
        ? $"<a href=\"{Text(Uri.EscapeDataString(Path.GetFileName(report)))}\">{words}</a>"
        : "";

    private static string Minimal(TourRace race) => race switch
    {
        { MinimalPreemptions: { } preemptions, MinimalSteps: { } steps } =>
            $"{Counted.Of(preemptions, "preemption")}, {Counted.Of(steps, "step")}"
            + (race.MinimalProved ? " (proved)" : " so far"),
        _ => "",
    };

    private static void AppendVerified(StringBuilder html, TourCheck[] checks)
    {
        html.Append("<p>Every state that any interleaving can reach, with tasks that go on for ever:</p>\n");
        html.Append(
            "<table>\n<tr><th>scenario<th>sizes<th>verdict<th class=\"n\">states<th class=\"n\">transitions</tr>\n");
        foreach (TourCheck check in checks)
        {
            string verdict =
                check.Verdict == "verified" ? check.Verdict : $"<span class=\"bad\">{check.Verdict}</span>";
            html.Append(
                $"<tr><td>{Text(check.Target)}<td><code>{Text(check.Sizes)}</code><td>{verdict}<td "
                + $"class=\"n\">{check.States}<td class=\"n\">{check.Transitions}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendExplored(StringBuilder html, TourExploration[] explorations)
    {
        html.Append(
            "<p>Random executions:</p>\n<table>\n<tr><th>scenario<th>sizes<th class=\"n\">executions<th>failures</tr>\n"
        );
        foreach (TourExploration exploration in explorations)
        {
            string failures = exploration.Failure is { } failure
                ? $"<span class=\"bad\">{Text(failure)}</span>"
                : "none";
            html.Append(
                $"<tr><td>{Text(exploration.Target)}<td><code>{Text(exploration.Sizes)}</code><td "
                + $"class=\"n\">{exploration.Executions}<td>{failures}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendSizes(StringBuilder html, TourSizes sizes)
    {
        html.Append("<p>Compared with recorded traces, step by step: ");
        html.Append($"{Counted.Of(sizes.Traces, "trace")}, {Counted.Of(sizes.Steps, "step")}, ");
        html.Append(
            sizes.Mismatches == 0 ? "none differs.</p>\n" : $"<b class=\"bad\">{sizes.Mismatches} differ</b>.</p>\n");
        if (sizes.Nesting.Length > 0)
        {
            html.Append("<h2>Sizes at which it deadlocks or starves</h2>\n<div class=\"picture\">\n");
            html.Append(FrontierMap.Render(sizes.Nesting, isFile: false)).Append("</div>\n");
        }

        if (sizes.Starvation.Length == 0)
            return;

        int[] tasks = [.. sizes.Starvation.Select(cell => cell.Tasks).Distinct()];
        html.Append("<p>Whether a task can be woken for ever and never map, each cell a search of every state; ");
        html.Append("in brackets the steps to the loop, and once round:</p>\n<table>\n<tr><th>slots");
        foreach (int count in tasks)
            html.Append($"<th>{Counted.Of(count, "task")}");

        html.Append("</tr>\n");
        foreach (IGrouping<int, StarvationCell> row in sizes.Starvation.GroupBy(cell => cell.Slots))
        {
            html.Append($"<tr><td>{row.Key}");
            foreach (StarvationCell cell in row)
                html.Append($"<td>{Text(StarvationTable.Text(cell))}");

            html.Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendMatrix(StringBuilder html, TourMatrix matrix)
    {
        if (matrix.Cells.Length == 0)
            return;

        KillCell first = matrix.Cells[0];
        html.Append("<h2>The races by all strategies</h2>\n");
        html.Append(
            $"<p>Executions to the first failure: the median of {Counted.Of(first.Seeds, "seed")}, of at most "
            + $"{matrix.ExecutionsMax}. <code>kmaplab races --matrix --seeds 21</code> takes more of both.</p>\n");
        foreach (string strategy in matrix.Untested)
            html.Append($"<p class=\"bad\">untested: {Text(strategy)} has found none of them</p>\n");

        string picture = KillMatrixPicture.Render(matrix.Cells, isFile: false);
        html.Append("<div class=\"picture\">\n").Append(picture).Append("</div>\n");
        html.Append("<table>\n<tr><th>race");
        foreach (string strategy in matrix.Cells.Select(cell => cell.Strategy).Distinct())
            html.Append($"<th class=\"n\">{Text(strategy)}");

        html.Append("</tr>\n");
        foreach (IGrouping<string, KillCell> race in matrix.Cells.GroupBy(cell => cell.Race))
        {
            html.Append($"<tr><td><a href=\"#{Text(race.Key)}\">{Text(race.Key)}</a>");
            foreach (KillCell cell in race)
                html.Append($"<td class=\"n\">{Text(KillMatrixText.InShort(cell))}");

            html.Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendStory(StringBuilder html, RaceEntry race, TourRace result, ExecutionTrace? trace)
    {
        html.Append($"<h2 id=\"{Text(race.Name)}\">{Text(race.Name)}</h2>\n");
        html.Append($"<p><b>{Text(race.WhatIsWrong)}.</b></p>\n<p>{Text(race.Attribute.Story)}</p>\n");
        AppendIfAny(html, "Instead", race.Attribute.Fix);
        AppendIfAny(html, "Reference", race.Attribute.Reference);
        html.Append(
            "<p><b>Scenario:</b> "
            + $"<code>{Text($"{race.Experiment.Scenario.Name} {SizeText.Of(race.Experiment)}".TrimEnd())}</code></p>\n"
        );
        html.Append($"<p><b>To find it:</b> <code>{Text($"kmaplab explore {race.Name}")}</code>");
        if (result.Schedule is { } schedule)
            html.Append($" &nbsp; <b>To run it again:</b> <code>{Text($"kmaplab replay {schedule} --trace")}</code>");

        if (result.Report is not null)
            html.Append($" &nbsp; <b>To see it:</b> {Report(result, "its report, step by step")}");

        html.Append("</p>\n");
        if (trace is null)
            return;

        html.Append($"<pre>{Text(trace.Report.Finding?.Message ?? "")}</pre>\n<pre>");
        foreach (string line in InterleavingTable.Render(trace))
            html.Append(Text(line)).Append('\n');

        html.Append("</pre>\n");
    }

    private static void AppendIfAny(StringBuilder html, string label, string words)
    {
        if (!string.IsNullOrWhiteSpace(words))
            html.Append($"<p><b>{label}:</b> {Text(words)}</p>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
