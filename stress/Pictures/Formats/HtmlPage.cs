using System.Net;
using System.Reflection;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>An explanation as one HTML file, which needs no network and nothing beside it.</summary>
/// <remarks>
/// What is said in words is in the file as such, so that it can be read without the script too. The pictures are drawn
/// by the script (Page/page.mjs) from the data.
/// </remarks>
internal static class HtmlPage
{
    internal static void Write(Explanation explanation, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        Write(text, explanation);
    }

    private static void Write(TextWriter html, Explanation explanation)
    {
        string name = explanation.Experiment.Name;
        html.Write("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Write("<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
        html.Write("style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n");
        html.Write($"<title>{Text(name)}: {Text(explanation.Verdict)}</title>\n");
        html.Write($"<link rel=\"icon\" href=\"data:,\">\n<style>\n{Resource("page.css")}</style>\n</head>\n<body>\n");
        WriteHeader(html, explanation, name);
        html.Write("<main>\n");
        WriteStory(html, explanation);
        html.Write(Resource("page.html"));
        WriteGraph(html, explanation);
        WritePassing(html, explanation);
        WriteReplay(html, explanation);
        html.Write("</main>\n<script type=\"application/json\" id=\"data\">");
        html.Write(Encoding.UTF8.GetString(PageData.Write(explanation)));
        html.Write($"</script>\n<script type=\"module\">\n{Resource("page.mjs")}</script>\n</body>\n</html>\n");
    }

    private static void WriteHeader(TextWriter html, Explanation explanation, string name)
    {
        ReplayReport report = explanation.Trace.Report;
        html.Write("<header>\n<h1>");
        bool isBad = report.Finding is not null || !report.Reproduced;
        html.Write($"<span class=\"verdict{(isBad ? " bad" : "")}\">{Text(explanation.Verdict)}</span> ");
        html.Write($"{Text(name)}</h1>\n<p class=\"headline\">{Text(explanation.Headline)}</p>\n");
        html.Write("<ul class=\"facts\">\n");
        html.Write($"<li>{Counted.Of(report.Steps, "step")}, {Counted.Of(report.Preemptions, "preemption")}</li>\n");
        string target = $"{explanation.Experiment.Scenario.Name} {SizeText.Of(explanation.Experiment)}".TrimEnd();
        html.Write($"<li><code>{Text(target)}</code></li>\n");
        if (explanation.Experiment.Variant is { } variant)
            html.Write($"<li>{Text(variant.Name)}: {Text(variant.Attribute.Summary)}</li>\n");

        html.Write($"<li>found by {Text(explanation.Schedule.Strategy)}, seed {explanation.Schedule.Seed}");
        html.Write(explanation.Schedule.Execution > 0
            ? $", execution {explanation.Schedule.Execution}</li>\n"
            : "</li>\n");
        if (explanation.Promise is { } promise)
            html.Write($"<li class=\"bad\">{Text(promise)}; that does not happen</li>\n");

        if (!explanation.IsSameBuild)
        {
            html.Write("<li class=\"bad\">recorded with another build of the code; ");
            html.Write("what is shown is what this build does</li>\n");
        }

        html.Write("</ul>\n</header>\n");
    }

    private static void WriteStory(TextWriter html, Explanation explanation)
    {
        Begin(html, "story", "What happens");
        html.Write("<ol>\n");
        int number = 0;
        bool isInEnd = false;
        foreach (StoryLine line in explanation.Story)
        {
            if (line.From == 0 && !isInEnd)
                html.Write("</ol>\n<p class=\"end\">");

            isInEnd |= line.From == 0;
            string steps = line.From == line.To ? $"step {line.From}" : $"steps {line.From}-{line.To}";
            if (isInEnd)
                html.Write($"{Text(line.Text)}<br>\n");
            else if (line.Who.Length == 0)
                html.Write($"<li class=\"left-out\">{Text(line.Text)}</li>\n");
            else
            {
                html.Write($"<li><button type=\"button\" data-line=\"{number}\" data-step=\"{line.To}\">");
                html.Write($"{steps}</button>");
                html.Write($" <b>{Text(line.Who)}</b> {WithArrows(line.Text)}</li>\n");
            }

            number++;
        }

        html.Write(isInEnd ? "</p>\n" : "</ol>\n");
        WritePair(html, explanation);
        html.Write("</section>\n");
    }

    private static void WritePair(TextWriter html, Explanation explanation)
    {
        if (explanation.Analysis is not { } analysis)
            return;

        html.Write("<div class=\"why\">\n");
        if (analysis.Pair is { } pair)
        {
            html.Write("<div class=\"pair\"><h3>The critical pair");
            html.Write(pair.About.Length == 0 ? "" : $", about <code>{Text(pair.About)}</code>");
            html.Write($"</h3>\n<p>{Step(pair.First)}<br>\nbefore<br>\n{Step(pair.Second)}</p>\n");
            html.Write("<p>The other way round it does not fail.</p></div>\n");
        }

        PointOfNoReturn sure = analysis.NoReturn;
        html.Write("<p class=\"no-return\">");
        html.Write(sure.Step == 0
            ? $"No return from the start: all {sure.Continuations} continuations that were drawn fail."
            : $"No return after {Button(sure.Step)}: all {sure.Continuations} continuations that were drawn from there "
                + $"fail; before it {sure.Failing[sure.Step - 1]} of {sure.Continuations} do.");
        html.Write("</p>\n</div>\n");

        static string Step(CriticalStep step)
        {
            string place = step.Function.Length == 0 ? "" : $" in {Text(step.Function)}()";
            string number = step.Number == 0 ? "never:" : Button(step.Number);
            return $"{number} <b>{Text(step.Name)}</b> <code>{Text(step.Text)}</code>{place}";
        }

        static string Button(int step) => $"<button type=\"button\" data-step=\"{step}\">step {step}</button>";
    }

    private static void WriteGraph(TextWriter html, Explanation explanation)
    {
        var graph = WaitForGraph.Of(explanation.Trace);
        if (graph.Nodes.Count == 0)
            return;

        Begin(html, "waits", "Who waits for what at the end");
        BeginWide(html, "waits");
        html.Write($"{WaitForPicture.Render(graph)}</div>\n");
        if (graph.Edges.Any(edge => edge.IsInCycle))
            html.Write("<p>Thick edges lead round in a circle: nobody on it can go on.</p>\n");

        html.Write("</section>\n");
    }

    private static void WritePassing(TextWriter html, Explanation explanation)
    {
        if (explanation.Passing is not { } passing)
            return;

        string outcome = passing.Report.Finding is { } other
            ? $"shows {Text(other.Class.Name())} instead"
            : "shows nothing wrong";
        Begin(html, "passing", "The nearest schedule that does not fail so");
        html.Write("<p>The same, with the critical pair the other way round: ");
        html.Write($"it {outcome} in {Counted.Of(passing.Steps.Count, "step")}.</p>\n");
        BeginWide(html, "passing");
        html.Write("<table id=\"side-by-side\"></table></div>\n</section>\n");
    }

    private static void WriteReplay(TextWriter html, Explanation explanation)
    {
        string source = Printable.Argument(explanation.Source);
        Begin(html, "replay", "To run it again");
        html.Write("<pre tabindex=\"0\">");
        html.Write($"{Text($"kmaplab replay {source} --trace{explanation.ModuleOptions}")}\n");
        if (explanation.Trace.Report.Finding is not null)
            html.Write($"{Text($"kmaplab minimize {source}{explanation.ModuleOptions}")}\n");

        html.Write("</pre>\n<p>The same as one word, which needs no file:</p>\n");
        html.Write($"<pre tabindex=\"0\" class=\"token\">{Text(explanation.Token)}</pre>\n");
        html.Write("</section>\n");
    }

    private static void Begin(TextWriter html, string id, string title)
    {
        html.Write($"<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n");
        html.Write($"<h2 id=\"{id}-title\">{title}</h2>\n");
    }

    // What may be wider than the page, and then is scrolled by itself.
    private static void BeginWide(TextWriter html, string id) =>
        html.Write($"<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"{id}-title\">");

    // The arrow stays with what is before it.
    private static string WithArrows(string text) =>
        Text(text.Replace(" -> ", "\u00a0\u2192 ", StringComparison.Ordinal));

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Page/{name}")
            ?? throw new InvalidOperationException($"the resource Page/{name} is missing: please report it");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
