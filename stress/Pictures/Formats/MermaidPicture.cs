using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>
/// A Mermaid sequence diagram, which issue trackers draw: contexts and locks as participants. Of a long execution the
/// last steps.
/// </summary>
internal static class MermaidPicture
{
    private const int StepsMax = 60;

    internal static void Write(Explanation explanation, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        ExecutionTrace trace = explanation.Trace;
        TraceStep[] steps = [.. trace.Steps.TakeLast(StepsMax)];
        string[] locks = [.. explanation.Lanes.Where(lane => lane.Kind == LaneKind.Lock).Select(lane => lane.Name)];
        text.WriteLine("sequenceDiagram");
        foreach (int context in steps.Select(step => step.Context).Distinct().Order())
            text.WriteLine($"    participant C{context} as {Text(trace.Contexts[context])}");

        for (int i = 0; i < locks.Length; i++)
            text.WriteLine($"    participant L{i} as {Text(locks[i])}");

        if (steps.Length < trace.Steps.Count && steps.Length > 0)
        {
            text.WriteLine(
                $"    Note over C{steps[0].Context}: {Counted.Of(trace.Steps.Count - steps.Length, "step")} left out");
        }

        foreach (TraceStep step in steps)
            WriteStep(text, trace, step, locks);

        if (steps.Length > 0)
            text.WriteLine($"    Note over C{steps[^1].Context}: {Text(explanation.Headline)}");
    }

    private static void WriteStep(TextWriter text, ExecutionTrace trace, TraceStep step, string[] locks)
    {
        var lines = new List<string>();
        foreach (TraceEvent happened in step.Events.Where(Wording.IsShort))
        {
            string words = Text(Wording.Of(happened, trace));
            if (happened.Woken >= 0)
            {
                Flush();
                text.WriteLine($"    C{step.Context}->>C{happened.Woken}: {step.Number} wakes");
            }
            else if (happened.Operation is { Kind: OperationKind.Acquire or OperationKind.Release } operation
                && LockOf(operation) is >= 0 and var number)
            {
                Flush();
                string arrow = operation.Kind == OperationKind.Acquire ? "->>" : "-->>";
                text.WriteLine($"    C{step.Context}{arrow}L{number}: {step.Number} {words}");
            }
            else
            {
                lines.Add(words);
            }
        }

        Flush();

        int LockOf(TraceOperation operation) => Array.FindIndex(locks, name =>
            operation.Changes.Any(change => change.Name == name));

        void Flush()
        {
            if (lines.Count > 0)
                text.WriteLine($"    Note over C{step.Context}: {step.Number} {string.Join("<br/>", lines)}");

            lines.Clear();
        }
    }

    // A semicolon ends a statement, and a number sign begins an entity.
    private static string Text(string text) => text
        .Replace("#", "#35;", StringComparison.Ordinal)
        .Replace(";", "#59;", StringComparison.Ordinal)
        .Replace("#35#59;", "#35;", StringComparison.Ordinal)
        .Replace("<", "#lt;", StringComparison.Ordinal)
        .Replace(">", "#gt;", StringComparison.Ordinal);
}
