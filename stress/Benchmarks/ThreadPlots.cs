using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using Kmaplab.Scheduler.Schedules;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>Throughput, and how long a pair takes its thread, against the number of threads, as SVG.</summary>
internal static class ThreadPlots
{
    private const int Width = 800;
    private const int Height = 500;
    private const double Margin = 20;
    private const double RightMargin = 60; // Letters are wider than they are taken for.
    private const double NsPerUs = 1e3;
    private const double NsPerSecond = 1e9;

    private static readonly OxyColor[] s_colours =
    [
        OxyColors.Gray, OxyColors.SeaGreen, OxyColors.Firebrick,
        OxyColors.Black, OxyColors.DodgerBlue, OxyColors.Orange,
        OxyColors.Purple, OxyColors.Teal, OxyColors.Brown,
    ];

    /// <summary>Writes the plots of what was measured of many threads; yields their files.</summary>
    internal static IReadOnlyList<string> Write(string folder, IEnumerable<BenchmarkReport> reports)
    {
        PairTime[] times =
        [
            .. reports
                .Where(report => IsOfThreads(report.BenchmarkCase.Descriptor.Type)
                    && report.ResultStatistics is not null)
                .Select(Describe),
        ];
        return [.. times.GroupBy(time => (time.Suite, time.Pages)).SelectMany(plot => Write(folder, [.. plot]))];
    }

    private static bool IsOfThreads(Type type) =>
        type.IsSubclassOf(typeof(ThreadLoadBenchmarks)) || type == typeof(RealMemoryGridBenchmarks);

    private static PairTime Describe(BenchmarkReport report)
    {
        ParameterInstances parameters = report.BenchmarkCase.Parameters;
        Type type = report.BenchmarkCase.Descriptor.Type;
        return new PairTime(
            NameOf(report.BenchmarkCase.Descriptor.WorkloadMethod.Name),
            (int)parameters[nameof(ThreadLoadBenchmarks.Slots)],
            (int)parameters[nameof(ThreadLoadBenchmarks.Threads)],
            report.ResultStatistics!.Median)
        {
            Pages = (int)parameters[nameof(ThreadLoadBenchmarks.Pages)],
            Suite = type == typeof(ThreadBenchmarks) ? "" : type == typeof(ThreadGridBenchmarks) ? "grid" : "real",
        };
    }

    // One working set; that of the short run needs no further name.
    private static IEnumerable<string> Write(string folder, PairTime[] times)
    {
        string suite = times[0].Suite.Length == 0 ? "" : $"-{times[0].Suite}-{times[0].Pages}-pages";
        yield return Write(folder, $"throughput{suite}.svg", Throughput(times));
        yield return Write(folder, $"latency{suite}.svg", Latency(times));
    }

    private static string NameOf(string method) =>
        method == nameof(ThreadBenchmarks.Synchronous) ? "C#" : method;

    /// <summary>Millions of pairs that all threads do in a second.</summary>
    internal static string Throughput(IReadOnlyList<PairTime> times) => Plot(
        times, "kmap and kunmap by many threads", "million pairs/s", time => NsPerSecond / time.Ns / 1e6);

    /// <summary>The time from the beginning of a pair to that of the same thread's next.</summary>
    internal static string Latency(IReadOnlyList<PairTime> times) => Plot(
        times, "How long a pair takes its thread", "us", time => time.Ns * time.Threads / NsPerUs);

    private static string Write(string folder, string name, string svg)
    {
        string path = Path.Combine(folder, name);
        WholeFile.Write(path, svg);
        return path;
    }

    private static string Plot(
        IReadOnlyList<PairTime> times, string title, string unit, Func<PairTime, double> value)
    {
        var model = new PlotModel
        {
            Title = title,
            DefaultFont = "Arial", // What texts are measured with.
            Background = OxyColors.White,
            Padding = new OxyThickness(Margin, Margin, RightMargin, Margin),
        };
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "threads",
            Base = 2,
            MajorGridlineStyle = LineStyle.Dot,
        });
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Left,
            Title = unit,
            AxisTitleDistance = Margin / 2,
            MajorGridlineStyle = LineStyle.Dot,
        });
        model.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.RightTop,
            LegendPlacement = LegendPlacement.Outside,
            LegendPadding = Margin,
        });
        foreach (IGrouping<(string, int), PairTime> line in times.GroupBy(time => (time.Who, time.Slots)))
        {
            var series = new LineSeries
            {
                Title = $"{line.Key.Item1}, {line.Key.Item2} slots",
                MarkerType = MarkerType.Circle,
                Color = s_colours[model.Series.Count % s_colours.Length],
            };
            foreach (PairTime time in line.OrderBy(time => time.Threads))
                series.Points.Add(new DataPoint(time.Threads, value(time)));

            model.Series.Add(series);
        }

        // Not all who show SVG know where the middle of a text is.
        var exporter = new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true };
        return exporter.ExportToString(model);
    }
}

/// <summary>The time from one pair to the next, over all threads.</summary>
/// <param name="Who">Who does them.</param>
/// <param name="Slots">LAST_PKMAP.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Ns">Nanoseconds.</param>
internal sealed record PairTime(string Who, int Slots, int Threads, double Ns)
{
    /// <summary>The working set.</summary>
    internal int Pages { get; init; }

    /// <summary>Of which benchmarks it is; those of the short run have no name.</summary>
    internal string Suite { get; init; } = "";
}
