using System.Diagnostics;
using HdrHistogram;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Stress.Soaking;

/// <summary>How long it took from a wake-up until the woken thread ran: a histogram per thread, in ns.</summary>
internal sealed class WakeupHistogram : IWakeupMeter
{
    private const long LongestNs = 60_000_000_000;
    private const int Digits = 2;

    private static readonly double s_nsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly LongHistogram[] _byTask =
        [.. Enumerable.Range(0, ThreadOptions.TasksMax).Select(_ => new LongHistogram(LongestNs, Digits))];

    /// <inheritdoc/>
    public long Now() => Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void OnWoken(int task, long elapsed) =>
        _byTask[task].RecordValue((long)Math.Clamp(elapsed * s_nsPerTick, 0, LongestNs));

    /// <summary>All threads together, when they have stopped; null if nobody slept.</summary>
    internal WakeupLatency? Read()
    {
        var all = new LongHistogram(LongestNs, Digits);
        foreach (LongHistogram histogram in _byTask)
            all.Add(histogram);

        return all.TotalCount == 0
            ? null
            : new WakeupLatency(
                all.TotalCount,
                Us(all.GetValueAtPercentile(50)),
                Us(all.GetValueAtPercentile(90)),
                Us(all.GetValueAtPercentile(99)),
                Us(all.GetValueAtPercentile(99.9)),
                Us(all.GetMaxValue()));
    }

    private static double Us(long ns) => ns / 1e3;
}

/// <summary>From wake-up to run, in microseconds.</summary>
/// <param name="Count">Sleeps that were measured: those that reached the operating system.</param>
/// <param name="P50">Half of them were no longer.</param>
/// <param name="P90">Nine of ten.</param>
/// <param name="P99">99 of 100.</param>
/// <param name="P999">999 of 1000.</param>
/// <param name="Max">The longest.</param>
internal sealed record WakeupLatency(long Count, double P50, double P90, double P99, double P999, double Max);
