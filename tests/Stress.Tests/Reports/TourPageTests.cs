using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Tables;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Tests.Reports;

/// <summary>The tour's page says what the run has shown, and links what lies beside it.</summary>
public sealed class TourPageTests
{
    private static readonly FrontierCell s_free = new(1, 2, 1, "free", Formula: false, 10);
    private static readonly StarvationCell s_starvation = new(2, 1, "starvation", 14, 9, 100);

    [Fact]
    public void A_race_links_its_report_by_a_name_that_holds_beside_the_page()
    {
        TourRace race = Race() with { Report = Path.Combine("else where", "a b.html") };

        Assert.Contains("<a href=\"a%20b.html\">", Page(race, Sizes()), StringComparison.Ordinal);
        Assert.DoesNotContain(".html", Page(Race(), Sizes()), StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_and_conformance_are_those_of_the_run()
    {
        string page = Page(Race(), Sizes());

        Assert.Contains("12 traces, 3000 steps, none differs", page, StringComparison.Ordinal);
        Assert.Contains("For which sizes nested kmap() can deadlock", page, StringComparison.Ordinal);
        Assert.Contains("<td>starvation (14 + 9)", page, StringComparison.Ordinal);
        Assert.True(Sizes().Ok);
    }

    [Fact]
    public void What_is_not_as_expected_is_said_and_fails_the_tour()
    {
        TourSizes wrong = Sizes() with { Mismatches = 3 };

        Assert.Contains("3 differ", Page(Race(), wrong), StringComparison.Ordinal);
        Assert.False(wrong.Ok);
        Assert.False((Sizes() with { Nesting = [s_free with { Verdict = "deadlock" }] }).Ok);
        Assert.False((Sizes() with { Nesting = [s_free with { Verdict = "inconclusive" }] }).Ok);
        Assert.False((Sizes() with { Starvation = [s_starvation with { Verdict = "livelock" }] }).Ok);
        Assert.False((Sizes() with { Traces = 0 }).Ok);
    }

    [Fact]
    public void What_threads_did_is_drawn_and_what_was_wrong_with_them_is_said()
    {
        string page = Page(Race(), Sizes(), new TourSoak(1, 8, 0.3, 3000, 10_000, null, null), new TourSoak(
            2, 8, 0.3, 6000, 20_000, new WakeupLatency(3, 12.5, 30, 99.5, 100, 101), "lost-wakeup"));

        Assert.Contains("Port, 8 slots", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"n\">20 000<td class=\"n\">12.5<td class=\"n\">99.5<td class=\"bad\">lost-wakeup", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"n\">nobody slept", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<?xml", page, StringComparison.Ordinal);
    }

    private static TourSizes Sizes() => new([s_free], [s_starvation], Traces: 12, Steps: 3000, Mismatches: 0);

    private static TourRace Race() =>
        new("no-wakeup", true, "lost-wakeup", 1, 0.1, 1, 10, 1, 10, true, true, "no-wakeup.schedule");

    private static string Page(TourRace race, TourSizes sizes, params TourSoak[] soaks) => TourPage.Render(
        seed: 1, [], new TourReport([race], [], [], new TourMatrix([], 1000, []), sizes, "index.html", Ok: true)
        {
            Threads = soaks,
        });
}
