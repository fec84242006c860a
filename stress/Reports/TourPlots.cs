using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Benchmarks;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports;

/// <summary>The part of the tour's page about threads: how much they do, and how long it takes them.</summary>
internal static partial class TourPlots
{
    private const double NsPerSecond = 1e9;
    private const int OperationsOfPair = 2; // A kmap and a kunmap.

    internal static void Append(StringBuilder html, TourSoak[] soaks)
    {
        if (soaks.Length == 0)
            return;

        html.Append("<h2>On threads</h2>\n<p>The same port on threads of the operating system, ");
        html.Append($"{Counted.Of(soaks[0].Slots, "slot")}, as many pages as threads, ");
        html.Append($"{soaks[0].Seconds.ToString("f1", CultureInfo.InvariantCulture)} s each. ");
        html.Append("<code>kmaplab soak churn</code> runs longer and checks more, <code>kmaplab bench</code> ");
        html.Append("compares.</p>\n");
        PairTime[] times =
        [
            .. soaks.Where(soak => soak.OpsPerSecond > 0).Select(soak => new PairTime(
                "Port", soak.Slots, soak.Threads, NsPerSecond / (soak.OpsPerSecond / OperationsOfPair))),
        ];
        if (times.Length > 0)
        {
            foreach (string plot in (string[])[ThreadPlots.Throughput(times), ThreadPlots.Latency(times)])
                html.Append("<div class=\"picture\">\n").Append(Inline(plot)).Append("</div>\n");
        }

        html.Append("<table>\n<tr><th class=\"n\">threads<th class=\"n\">operations<th class=\"n\">a second");
        html.Append("<th class=\"n\">from wake-up to run, us: p50<th class=\"n\">p99<th>found</tr>\n");
        foreach (TourSoak soak in soaks)
        {
            html.Append($"<tr><td class=\"n\">{soak.Threads}<td class=\"n\">{DigitGroups.Of(soak.Operations)}");
            html.Append($"<td class=\"n\">{DigitGroups.Of((long)soak.OpsPerSecond)}");
            html.Append($"<td class=\"n\">{Us(soak.Latency?.P50)}<td class=\"n\">{Us(soak.Latency?.P99)}");
            html.Append(soak.Failure is { } failure
                ? $"<td class=\"bad\">{WebUtility.HtmlEncode(failure)}</tr>\n"
                : "<td>nothing wrong</tr>\n");
        }

        html.Append("</table>\n");
    }

    // Within a page no names of standards are needed, and nothing in it looks like an address.
    private static string Inline(string plot) =>
        Namespaces().Replace(plot[plot.IndexOf("<svg", StringComparison.Ordinal)..], "");

    [GeneratedRegex(" xmlns(:\\w+)?=\"[^\"]*\"")]
    private static partial Regex Namespaces();

    private static string Us(double? time) =>
        time is { } known ? known.ToString("f1", CultureInfo.InvariantCulture) : "nobody slept";
}
