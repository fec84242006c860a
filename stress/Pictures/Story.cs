using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Stress.Pictures;

/// <summary>One sentence of a story: what a context does between two switches to another.</summary>
/// <param name="From">The number of its first step; 0 for the end, which is no step.</param>
/// <param name="To">The number of its last step.</param>
/// <param name="Who">The context; empty for what is left out, and for the end.</param>
/// <param name="Text">What it does.</param>
internal sealed record StoryLine(int From, int To, string Who, string Text);

/// <summary>Tells an execution in a few sentences that are made from its trace.</summary>
/// <remarks>
/// A turn is what one context does until another steps. The turns that matter are kept: those of the critical pair,
/// that from which on there is no return, the last one of each task, and those that touch what these are about.
/// </remarks>
internal static class Story
{
    private const int TurnsMax = 7;
    private const int PartsMax = 8;
    private const int WritesMax = 2;

    // Links and accounts of the page address table: the story is about what they are kept for.
    private const string Details = "page_address";

    internal static IReadOnlyList<StoryLine> Tell(Explanation explanation)
    {
        ExecutionTrace trace = explanation.Trace;
        List<Turn> turns = TurnsOf(trace);
        HashSet<string> relevant = RelevantNames(explanation);
        HashSet<Turn> kept =
        [
            .. turns.OrderByDescending(turn => Weight(turn, explanation, turns, relevant)).ThenBy(turn => turn.From)
                .Take(TurnsMax),
        ];
        var story = new List<StoryLine>();
        int left = 0;
        foreach (Turn turn in turns)
        {
            if (!kept.Contains(turn))
            {
                left += turn.Steps.Count;
                continue;
            }

            AddLeftOut(turn.From);
            story.Add(new StoryLine(
                turn.From, turn.To, trace.Contexts[turn.Context], Sentence(turn, trace.Contexts, relevant)));
        }

        AddLeftOut(trace.Steps.Count + 1);
        story.AddRange(Ends(explanation));
        return story;

        void AddLeftOut(int before)
        {
            if (left > 0)
                story.Add(new StoryLine(before - left, before - 1, "", $"{Counted.Of(left, "step")} left out"));

            left = 0;
        }
    }

    private static List<Turn> TurnsOf(ExecutionTrace trace)
    {
        var turns = new List<Turn>();
        foreach (TraceStep step in trace.Steps)
        {
            if (turns is [.., var last] && last.Context == step.Context)
                last.Steps.Add(step);
            else
                turns.Add(new Turn(step.Context, [step]));
        }

        return turns;
    }

    private static HashSet<string> RelevantNames(Explanation explanation)
    {
        var names = new HashSet<string>();
        if (explanation.Analysis?.Pair is { About.Length: > 0 } pair)
            names.Add(pair.About);

        string message = explanation.Trace.Report.Finding?.Message ?? "";
        foreach (MemoryCell cell in explanation.Trace.Start.Cells)
        {
            if (cell.Role == RegionRole.Kernel && message.Contains(cell.Region, StringComparison.Ordinal))
                names.Add(cell.Name);
        }

        return names;
    }

    private static int Weight(Turn turn, Explanation explanation, List<Turn> turns, HashSet<string> relevant)
    {
        int weight = 0;
        if (explanation.Analysis is { } analysis)
        {
            weight += analysis.Pair is { } pair && (turn.Has(pair.First.Number) || turn.Has(pair.Second.Number)) ? 100 : 0;
            weight += turn.Has(analysis.NoReturn.Step) || turn.Has(analysis.NoReturn.Jump) ? 60 : 0;
        }

        weight += turns.FindLast(other => other.Context == turn.Context) == turn ? 50 : 0;
        weight += turn.Events.Any(happened => happened.Woken >= 0 || happened.Kind == TraceEventKind.Bug) ? 20 : 0;
        weight += turn.Events.Any(happened =>
            happened.Change is { } change && relevant.Contains(change.Name)) ? 30 : 0;
        return weight;
    }

    private static string Sentence(Turn turn, IReadOnlyList<string> contexts, HashSet<string> relevant)
    {
        var parts = new List<string>();
        string function = "";
        int writes = 0;
        foreach (TraceEvent happened in turn.Events)
        {
            if (Part(happened, contexts, relevant, ref writes) is not { } part)
                continue;

            if (happened.Function.Length > 0 && happened.Function != function)
            {
                function = happened.Function;
                part = $"in {function}() {part}";
                writes = happened.Change is null ? 0 : 1;
            }

            if (parts.Count == 0 || parts[^1] != part)
                parts.Add(part);
        }

        if (parts.Count > PartsMax)
        {
            int more = parts.Count - PartsMax + 1;
            parts = [.. parts[..(PartsMax / 2)], $"... ({more} more)", .. parts[^((PartsMax / 2) - 1)..]];
        }

        return parts.Count == 0 ? "goes on" : string.Join("; ", parts);
    }

    private static string? Part(
        TraceEvent happened, IReadOnlyList<string> contexts, HashSet<string> relevant, ref int writes)
    {
        switch (happened)
        {
            case { Kind: TraceEventKind.Bug }:
                return $"hits BUG {happened.Text}";
            case { Woken: >= 0 }:
                return $"wakes {contexts[happened.Woken]}";
            case { Operation: { } operation }:
                return OfOperation(operation, happened);
            case { Change: { Role: RegionRole.Kernel } change }:
                bool isAlone = !relevant.Contains(change.Name);
                if (isAlone && (IsDetail(change) || ++writes > WritesMax || change.After == "free"
                    || change.Before == "free"))
                {
                    return null;
                }

                return change.Before == "free" || change.After == "free" ? null : $"{change}";
            default:
                return null;
        }
    }

    private static bool IsDetail(MemoryChange change) => change.Region.StartsWith(Details, StringComparison.Ordinal);

    private static string? OfOperation(TraceOperation operation, TraceEvent happened)
    {
        string said = happened.Result.Length > 0 ? $"{happened.Text}: {happened.Result}" : happened.Text;
        return operation.Kind switch
        {
            OperationKind.Acquire or OperationKind.Release when operation.IsFused => null,
            OperationKind.Acquire => $"takes {Inner(happened.Text)}",
            OperationKind.Release => $"releases {Inner(happened.Text)}",
            OperationKind.Enqueue => $"joins {Inner(happened.Text)}",
            OperationKind.Dequeue => $"leaves {Inner(happened.Text)}",
            OperationKind.FlushTlbAll => "flushes the TLBs of all CPUs",
            OperationKind.Schedule when happened.Text.EndsWith("sleeps", StringComparison.Ordinal) => "goes to sleep",
            _ => said,
        };
    }

    private static string Inner(string call)
    {
        int open = call.IndexOf('(');
        return open < 0 ? call : call[(open + 1)..].TrimEnd(')');
    }

    private static IEnumerable<StoryLine> Ends(Explanation explanation)
    {
        if (explanation.Trace.Report.Finding is not { } finding)
        {
            yield return new StoryLine(0, 0, "", explanation.Headline);
            yield break;
        }

        foreach (string line in finding.Message.Split('\n'))
            yield return new StoryLine(0, 0, "", line.Trim());
    }

    private sealed record Turn(int Context, List<TraceStep> Steps)
    {
        internal int From => Steps[0].Number;

        internal int To => Steps[^1].Number;

        internal IEnumerable<TraceEvent> Events => Steps.SelectMany(step => step.Events);

        internal bool Has(int step) => step >= From && step <= To;
    }
}
