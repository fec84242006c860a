using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Proofs;
using Kmaplab.Stress.Conformance.Comparison;
using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;
using Kmaplab.Stress.Selfcheck;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>
/// The part of the tour that maps for which sizes nested mappings deadlock and sleepers starve, and that compares the
/// port with the traces that the program carries.
/// </summary>
/// <remarks>So few sizes that it takes seconds; frontier, frontier --starvation and conform do more.</remarks>
internal static class TourMaps
{
    private const int TasksMax = 4;
    private const int SlotsMax = 4;
    private const int DepthMax = 2;
    private const int StarvationTasksMax = 3;
    private const int StarvationSlotsMax = 2;
    private const long StatesMax = 1_000_000;

    internal static TourSizes Draw(Session session)
    {
        var progress = new ProgressLine(session.Terminal);
        var options = new VerifierOptions
        {
            Jobs = session.Jobs,
            StatesMax = StatesMax,
            Fusion = true,
            ShortestWay = false,
            SpillDirectory = Path.Combine(session.Out, "spill"),
        };
        var nesting = new List<FrontierCell>();
        var starvation = new List<StarvationCell>();
        foreach ((int depth, int slots, int tasks) in
            from depth in Enumerable.Range(1, DepthMax)
            from slots in PowersOfTwo(SlotsMax)
            from tasks in Enumerable.Range(1, TasksMax)
            select (depth, slots, tasks))
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"nested mappings: {tasks} tasks, {slots} slots, depth {depth}");
            nesting.Add(SizeProofs.OfNesting(session, options, tasks, slots, depth));
        }

        foreach ((int slots, int tasks) in
            from slots in PowersOfTwo(StarvationSlotsMax)
            from tasks in Enumerable.Range(1, StarvationTasksMax)
            select (slots, tasks))
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"starvation: {tasks} tasks, {slots} slots");
            starvation.Add(SizeProofs.OfProgress(session, options, tasks, slots));
        }

        progress.Show(() => "recorded traces");
        ConformanceReport conformance = Conform(session);
        progress.Clear();
        session.Text.WriteLine(
            $"deadlocks of nested mappings by size: {nesting.Count(cell => cell.Agrees)} of "
            + $"{Counted.Of(nesting.Count, "cell")} as the formula says; starvation by size: "
            + $"{Counted.Of(starvation.Count, "cell")}; both maps are on the page");
        session.Text.WriteLine(
            $"recorded traces: {Counted.Of(conformance.Traces, "trace")}, {Counted.Of(conformance.Steps, "step")}, "
            + Counted.Of(conformance.Mismatches, "mismatch", "mismatches"));
        return new TourSizes(
            [.. nesting], [.. starvation], conformance.Traces, conformance.Steps, conformance.Mismatches);
    }

    private static ConformanceReport Conform(Session session)
    {
        ConformanceReport sum = ConformanceReport.Nothing;
        foreach (string name in EmbeddedTraces.Names)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            using TraceReader reader = EmbeddedTraces.Open(name);
            sum = sum.Merge(new Conformer().Compare(reader, name));
        }

        return sum;
    }

    private static IEnumerable<int> PowersOfTwo(int max)
    {
        for (int number = 1; number <= max; number *= 2)
            yield return number;
    }
}
