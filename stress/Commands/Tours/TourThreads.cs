using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>The part of the tour that runs the port on threads, and sees how fast it is.</summary>
/// <remarks>So short that it takes two seconds; soak measures longer and checks more, bench compares.</remarks>
internal static class TourThreads
{
    private const int Slots = 2; // So few that some have to sleep.

    private static readonly TimeSpan s_each = TimeSpan.FromSeconds(0.3);
    private static readonly int[] s_threads = [1, 2, 4, 8, 16];

    /// <summary>Measures it, by numbers of threads.</summary>
    internal static List<TourSoak> Measure(Session session)
    {
        var progress = new ProgressLine(session.Terminal);
        var soaks = new List<TourSoak>();
        foreach (int threads in s_threads)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"the port on {threads} threads");
            var size = new SizeRequest { Tasks = threads, Slots = Slots, Pages = threads };
            SoakResult result = Alternative.Measure(
                session.Catalogue, variant: null, size, s_each, session.Cancellation);
            soaks.Add(new TourSoak(
                threads,
                Slots,
                result.Seconds,
                result.Totals.AllOperations,
                result.Totals.AllOperations / result.Seconds,
                result.Latency,
                result.Finding?.Class.Name()));
        }

        progress.Clear();
        if (soaks.Count > 0)
        {
            int wrong = soaks.Count(soak => soak.Failure is not null);
            session.Text.WriteLine(
                $"on threads, {soaks[0].Threads} to {soaks[^1].Threads} of them: "
                + $"{(wrong == 0 ? "nothing wrong" : $"{wrong} FAILED")}, up to "
                + $"{soaks.Max(soak => soak.OpsPerSecond) / 1e6:f1} M operations/s; the plots are on the page");
        }

        return soaks;
    }
}
