using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Reports.Texts;

/// <summary>What a soak tells people.</summary>
internal static class SoakText
{
    private const double WaitedShown = 0.005; // Seconds.

    /// <summary>How it goes, in one line.</summary>
    internal static string Line(string target, double seconds, ThreadTotals totals) =>
        $"{target}: {seconds:f0} s, {Rate(totals.AllOperations / seconds)} operations/s, "
        + $"{totals.Sleeping} of {totals.Operations.Count} asleep, {Rate(totals.Sleeps / seconds)} sleeps/s, "
        + $"{Rate(totals.Wakeups / seconds)} wake-ups/s ({Percent(totals.VainWakeups, totals.Wakeups)} in vain), "
        + $"{Rate(totals.Sweeps / seconds)} sweeps/s";

    /// <summary>All that was seen, failure first.</summary>
    internal static void Write(
        TextWriter text, string target, SoakOptions options, SoakResult result, SavedSchedule? recording)
    {
        ThreadTotals totals = result.Totals;
        if (result.Finding is { } finding)
        {
            text.WriteLine($"{target}: {finding.Class.Name()} after {result.Seconds:f2} s on threads");
            foreach (string line in finding.Message.Split('\n'))
                text.WriteLine($"  {line}");
        }

        string found = result.Finding is not null ? "1 failure"
            : totals.AllOperations == 0 ? "no answer: no operation was finished"
            : "nothing wrong";
        string mode = options.IsBare ? ", without checks" : "";
        string jitter = options.HasJitter ? $", jitter {options.Seed}" : "";
        text.WriteLine(
            $"{target}: {found} in {result.Seconds:f2} s on {Counted.Of(totals.Operations.Count, "thread")} and "
            + $"{Counted.Of(Environment.ProcessorCount, "processor")}{mode}{jitter}");
        text.WriteLine(
            $"  {Counted.Of(totals.AllOperations, "operation")}, "
            + $"{Rate(totals.AllOperations / result.Seconds)} operations/s, fairness {totals.Fairness:f3} (Jain: 1 is "
            + "even)");
        text.WriteLine(
            $"  {Counted.Of(totals.Sleeps, "sleep")} in the operating system, "
            + $"{Counted.Of(totals.Wakeups, "wake-up")} by {Counted.Of(totals.WakeCalls, "call")} of wake_up(), "
            + $"{Percent(totals.VainWakeups, totals.Wakeups)} in vain{PerCall(totals)}; "
            + $"{Counted.Of(totals.Sweeps, "sweep")}, {Counted.Of(totals.Flushes, "TLB flush", "TLB flushes")}");
        if (result.Latency is { } latency)
            text.WriteLine(
                $"  from wake-up to run: p50 {latency.P50:f1} us, p90 {latency.P90:f1} us, p99 {latency.P99:f1} us, "
                + $"p99.9 {latency.P999:f1} us, max {latency.Max:f1} us");

        if (options.RealMemory)
            text.WriteLine($"  real memory: {Counted.Of(result.MappingCalls, "call")} of mmap()");

        if (result.MemoryNote is { } note)
            text.WriteLine($"  {note}");

        WriteRecording(text, result, recording);
        if (result.ThreadsLeft > 0)
            text.WriteLine(
                $"  {Counted.Of(result.ThreadsLeft, "thread")} did not come back and went down with the process");

        if (result.Finding is null && !result.HasEnded)
            text.WriteLine("  no task has ended, so what shows only at an end, such as a leak, was not looked at");
    }

    private static void WriteRecording(TextWriter text, SoakResult result, SavedSchedule? recording)
    {
        if (result.NotRecorded is { } problem)
            text.WriteLine($"  no recording: {problem}");

        if (result.Kept is { } kept)
            WriteKept(text, kept, recording!.Path!);

        if (result.Kept is not null || result.Recording is null || recording is null)
            return;

        string steps = Counted.Of(result.Recording.StepCount, "step");
        if (recording.Path is { } path)
            text.WriteLine(
                $"  recorded in {steps}; on the simulated machine: kmaplab replay {Printable.Argument(path)}");
        else
            text.WriteLine($"  recorded in {steps}, but not written: {Printable.Of(recording.Problem!)}");
    }

    private static void WriteKept(TextWriter text, RecordingPipeReport kept, string path)
    {
        text.WriteLine(
            $"  recorded {Counted.Of(kept.Runs, "run")}, {Counted.Of(kept.Steps, "step")}; on the simulated machine: "
            + $"kmaplab replay {Printable.Argument(path)}");
        if (kept.Waited.TotalSeconds >= WaitedShown)
            text.WriteLine(
                $"  the threads stood still for {kept.Waited.TotalSeconds:f2} s of that, as writing is slower than "
                + "running: the rates are those of writing");

        if (kept.Problem is { } problem)
            text.WriteLine(
                $"  it ended early, as no more could be written: {Printable.Of(problem)}; what is there is whole up to "
                + "where it ends");
    }

    private static string PerCall(ThreadTotals totals) => totals.VainWakeups == 0
        ? ""
        : $" ({totals.VainPerCall:0.####} a call)";

    private static string Percent(long part, long whole) => whole == 0 ? "none" : $"{100.0 * part / whole:f0} %";

    private static string Rate(double perSecond) => perSecond switch
    {
        double.NaN or double.PositiveInfinity => "0",
        >= 1e6 => $"{perSecond / 1e6:f1} M",
        >= 1e3 => $"{perSecond / 1e3:f1} k",
        _ => $"{perSecond:f0}",
    };
}
