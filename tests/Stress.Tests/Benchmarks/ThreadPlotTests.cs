using System.Xml.Linq;
using Kmaplab.Stress.Benchmarks;

namespace Kmaplab.Stress.Tests.Benchmarks;

/// <summary>What was measured of many threads is drawn.</summary>
public sealed class ThreadPlotTests
{
    private static readonly PairTime[] s_times =
    [
        new("Port", 8, 1, 60), new("Port", 8, 2, 80), new("C", 8, 1, 10), new("C", 8, 2, 50), new("C", 512, 2, 20),
    ];

    [Fact]
    public void A_plot_has_a_line_for_each_of_whom_and_how_many_slots()
    {
        foreach (string svg in (string[])[ThreadPlots.Throughput(s_times), ThreadPlots.Latency(s_times)])
        {
            string[] texts = [.. XDocument.Parse(svg).Descendants().Where(each => each.Name.LocalName == "text")
                .Select(text => text.Value)];

            Assert.Contains("threads", texts);
            Assert.Contains("Port, 8 slots", texts);
            Assert.Contains("C, 8 slots", texts);
            Assert.Contains("C, 512 slots", texts);
        }
    }
}
