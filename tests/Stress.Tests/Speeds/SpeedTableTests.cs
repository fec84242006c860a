using System.Threading;
using Kmaplab.Stress.Speeds;

namespace Kmaplab.Stress.Tests.Speeds;

/// <summary>What is measured of searches, in which order, and what is said of it.</summary>
public sealed class SpeedTableTests
{
    private static readonly SearchSpeed s_steps = new("walk", SpeedUnit.Steps, []);
    private static readonly SearchSpeed s_start = new("start", SpeedUnit.Milliseconds, []);

    private readonly List<string> _log = [];

    [Fact]
    public void Each_runs_once_before_anybody_runs_again()
    {
        var table = new SpeedTable();
        table.Add(s_steps, new Fake("own", _log, 1), new Fake("other", _log, 1));
        table.Add(s_start, new Fake("own", _log, 1));

        table.Run(2, _ => { }, TestContext.Current.CancellationToken);

        string[] once = ["walk own", "walk other", "start own"];
        Assert.Equal([.. once, .. once], _log);
    }

    [Fact]
    public void The_median_counts_and_faster_is_more_than_1()
    {
        var table = new SpeedTable();
        table.Add(s_steps, new Fake("own", _log, 30, 1, 20), new Fake("other", _log, 10, 5, 99));
        table.Add(s_start, new Fake("own", _log, 100, 300, 200), new Fake("other", _log, 100, 100, 900));

        table.Run(3, _ => { }, TestContext.Current.CancellationToken);
        var text = new StringWriter { NewLine = "\n" };
        SpeedsText.Write(text, [.. table.Rows]);

        Assert.Equal(
            """
            | search | this build | the other one | ratio |
            |---|--:|--:|--:|
            | walk | 20.00 M steps/s | 10.00 M steps/s | 2.00 |
            | start | 200 ms | 100 ms | 0.50 |

            """,
            text.ToString(),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Whoever_does_not_know_a_search_has_no_speed_and_no_ratio()
    {
        var table = new SpeedTable();
        table.Add(s_steps, new Fake("own", _log, 2), new Fake("other", _log));

        table.Run(1, _ => { }, TestContext.Current.CancellationToken);
        SpeedRow row = Assert.Single(table.Rows);
        var text = new StringWriter();
        SpeedsText.Write(text, [row]);

        Assert.Null(row.Ratio);
        Assert.Contains("| walk | 2.00 M steps/s | - |  |", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Searches_have_names_of_their_own()
    {
        string[] names = [.. SearchSpeed.All.Concat(Peer.All.Select(each => each.Search)).Select(each => each.Name)];

        Assert.Equal(names.Distinct(), names);
    }

    private sealed class Fake(string name, List<string> log, params double[] speeds) : Contestant(name)
    {
        private int _next;

        internal override double? Measure(SearchSpeed search, CancellationToken cancellation)
        {
            log.Add($"{search.Name} {Name}");
            return speeds.Length == 0 ? null : speeds[_next++ % speeds.Length];
        }
    }
}
