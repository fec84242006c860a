using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>One sentence of a story: what a context does between two switches to another.</summary>
/// <param name="From">The number of its first step; 0 for the end, which is no step.</param>
/// <param name="To">The number of its last step.</param>
/// <param name="Who">The context; empty for what is left out, and for the end.</param>
/// <param name="Text">What it does.</param>
internal sealed record StoryLine(int From, int To, string Who, string Text);

/// <summary>Tells an execution in a few sentences that are made from its trace.</summary>
/// <remarks>
/// A turn is what one context does until another steps, or until it takes a lock again. The turns that matter are kept:
/// those of the critical pair, that from which on there is no return, the last one of each task, and those that touch
/// what these are about.
/// </remarks>
internal static class Story
{
    private const int TurnsMax = 8;
    private const int PartsMax = 8;
    private const int WordLettersMin = 5; // Of a value that a message can be said to speak of: page 1, 0x96000000.

    // Links and accounts of the page address table: the story is about what they are kept for, unless the failure is
    // about them.
    private const string Details = "page_address";

    internal static IReadOnlyList<StoryLine> Tell(Explanation explanation)
    {
        ExecutionTrace trace = explanation.Trace;
        List<Turn> turns = TurnsOf(trace);
        string about = AboutOf(explanation);
        HashSet<Turn> kept =
        [
            .. turns.OrderByDescending(turn => Weight(turn, explanation, turns, about)).ThenBy(turn => turn.From)
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
                turn.From, turn.To, trace.Contexts[turn.Context], Sentence(turn, trace.Contexts, about)));
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
            if (turns is [.., var last] && last.Context == step.Context && !BeginsSection(last, step))
                last.Steps.Add(step);
            else
                turns.Add(new Turn(step.Context, [step]));
        }

        return turns;
    }

    private static bool BeginsSection(Turn turn, TraceStep step) =>
        turn.Steps.Count > 1
        && step.Operations is [{ Kind: OperationKind.Acquire or OperationKind.ArmLock, IsFused: false }, ..];

    /// <summary>What the failure is about: the words of its message, and what the critical pair meets in.</summary>
    private static string AboutOf(Explanation explanation) =>
        $"{explanation.Trace.Report.Finding?.Message} {explanation.Analysis?.Pair?.About}";

    /// <summary>Whether they speak of what was changed, or of the page or address that it was changed to.</summary>
    private static bool IsIn(string about, MemoryChange change)
    {
        return about.Contains(change.Region, StringComparison.Ordinal) || Speaks(change.Before) || Speaks(change.After);

        bool Speaks(string value) =>
            value.Length >= WordLettersMin && about.Contains(value, StringComparison.Ordinal);
    }

    private static int Weight(Turn turn, Explanation explanation, List<Turn> turns, string about)
    {
        int weight = 0;
        if (explanation.Analysis is { } analysis)
        {
            if (analysis.Pair is { } pair)
                weight += turn.Has(pair.First.Number) || turn.Has(pair.Second.Number) ? 100 : 0;

            weight += turn.Has(analysis.NoReturn.Step) || turn.Has(analysis.NoReturn.Jump) ? 60 : 0;
        }

        weight += turns.FindLast(other => other.Context == turn.Context) == turn ? 50 : 0;
        weight += turn.Events.Any(happened => happened.Woken >= 0 || happened.Kind == TraceEventKind.Bug) ? 20 : 0;
        weight += turn.Events.Any(happened =>
            happened.Change is { Role: RegionRole.Kernel } change && !IsDetail(change) && IsIn(about, change)) ? 30 : 0;
        return weight;
    }

    private static string Sentence(Turn turn, IReadOnlyList<string> contexts, string about)
    {
        // That somebody joins a queue is not said again by what is on it then.
        HashSet<MemoryChange> said =
        [
            .. turn.Events.Select(happened => happened.Operation)
                .Where(operation => operation?.Kind is OperationKind.Enqueue or OperationKind.Dequeue)
                .SelectMany(operation => operation!.Changes),
        ];
        List<Part> parts =
        [
            .. turn.Events.Where(happened => happened.Change is not { } change || !said.Contains(change))
                .Select(happened => PartOf(happened, contexts, about)).OfType<Part>(),
        ];
        DropWindows(parts);
        HashSet<Part> kept = [.. parts.OrderByDescending(part => part.Weight).Take(PartsMax)];
        var text = new System.Text.StringBuilder();
        string function = "";
        foreach (Part part in parts.Where(kept.Contains))
        {
            text.Append(text.Length == 0 ? "" : "; ");
            if (part.Text.Length == 0)
                text.Append("is in ").Append(part.Function).Append("()");
            else if (part.Function.Length > 0 && part.Function != function)
                text.Append("in ").Append(part.Function).Append("() ");

            function = part.Function;
            text.Append(part.Text);
        }

        int left = parts.Count - kept.Count;
        return parts.Count == 0 ? "goes on" : left == 0 ? $"{text}" : $"{text} ({left} more)";
    }

    // That an interrupt might have come says at most where somebody is, once, if nothing else does.
    private static void DropWindows(List<Part> parts)
    {
        var named = new HashSet<string>(parts.Where(part => part.Text.Length > 0).Select(part => part.Function));
        parts.RemoveAll(part => part.Text.Length == 0 && !named.Add(part.Function));
    }

    private static Part? PartOf(TraceEvent happened, IReadOnlyList<string> contexts, string about) => happened switch
    {
        { Kind: TraceEventKind.Bug } => new Part(happened, $"hits BUG {happened.Text}", 9),
        { Woken: >= 0 } => new Part(happened, $"wakes {contexts[happened.Woken]}", 5),
        { Operation: { } operation } => OfOperation(operation, happened),
        { Change: { Role: RegionRole.Kernel, Before: not "free", After: not "free" } change }
            when !IsDetail(change) || about.Contains(change.Name, StringComparison.Ordinal) =>
            new Part(happened, $"{change}", IsIn(about, change) ? 4 : 1),
        _ => null,
    };

    private static bool IsDetail(MemoryChange change) => change.Region.StartsWith(Details, StringComparison.Ordinal);

    private static Part? OfOperation(TraceOperation operation, TraceEvent happened)
    {
        string said = happened.Result.Length > 0 ? $"{happened.Text}: {happened.Result}" : happened.Text;
        return operation.Kind switch
        {
            OperationKind.Acquire or OperationKind.Release when operation.IsFused => null,
            OperationKind.Acquire => new Part(happened, $"takes {Inner(happened.Text)}", 3),
            OperationKind.Release => new Part(happened, $"releases {Inner(happened.Text)}", 3),
            OperationKind.Enqueue => new Part(happened, $"joins {Inner(happened.Text)}", 5),
            OperationKind.Dequeue => new Part(happened, $"leaves {Inner(happened.Text)}", 3),
            OperationKind.InterruptWindow => new Part(happened, "", 2),
            OperationKind.FlushTlbAll => new Part(happened, "flushes the TLBs of all CPUs", 2),
            OperationKind.Schedule when happened.Text.EndsWith("sleeps", StringComparison.Ordinal) =>
                new Part(happened, "goes to sleep", 5),
            _ => new Part(happened, said, 3),
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

    /// <summary>A piece of a sentence; of too many the heaviest are kept.</summary>
    private sealed record Part(TraceEvent Of, string Text, int Weight)
    {
        internal string Function => Of.Function;
    }

    private sealed record Turn(int Context, List<TraceStep> Steps)
    {
        internal int From => Steps[0].Number;

        internal int To => Steps[^1].Number;

        internal IEnumerable<TraceEvent> Events => Steps.SelectMany(step => step.Events);

        internal bool Has(int step) => step >= From && step <= To;
    }
}
