using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Playing;

/// <summary>The steps until here, the last one with what it has changed.</summary>
internal static class HistoryPart
{
    private const int TextColumn = 16;
    private const int ChangesMax = 3;

    internal static IEnumerable<ScreenLine> Draw(PlaySession session, int rows)
    {
        if (session.Steps is not [.., var last])
            return [new ScreenLine().Add("nothing yet", Styles.Dim)];

        MemoryChange[] changes = [.. last.Changes.Take(Math.Min(ChangesMax, rows - 1))];
        int steps = Math.Min(session.Steps.Count, rows - changes.Length);
        return
        [
            .. session.Steps.Skip(session.Steps.Count - steps).Select(step => Row(session, step)),
            .. changes.Select(change => new ScreenLine().PadTo(TextColumn + 2).Add($"{change}", Styles.Changed)),
        ];
    }

    private static ScreenLine Row(PlaySession session, PlayedStep step)
    {
        ScreenLine line = new ScreenLine()
            .Add($"{step.Number,4} ", Styles.Dim)
            .Add(step.Context < 0 ? "" : session.NameOf(step.Context))
            .PadTo(TextColumn)
            .Add(step.Text);
        if (step.Calls is [var innermost, ..])
            line.Add($"   in {innermost}", Styles.Dim);

        return step.IsPreemption ? line.Add("   preemption", Styles.Message) : line;
    }
}
