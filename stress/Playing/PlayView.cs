using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Playing;
using Kmaplab.Stress.Screens;
using Spectre.Console;

namespace Kmaplab.Stress.Playing;

/// <summary>A session as lines of a terminal: whoever may go on, memory, what was done, and what is wrong.</summary>
internal static class PlayView
{
    internal const int ColumnsLeast = 80;
    internal const int RowsLeast = 24;

    private const int FindingRows = 6;
    private const int HistoryRows = 4;

    private static readonly Style s_bar = new(decoration: Decoration.Invert);

    private static readonly string[] s_help =
    [
        "You are the scheduler. A row of the first part is a task or an interrupt",
        "handler, and what it is about to do. Below: a dispatch, a preemption, an",
        "interrupt, an answer to a TLB flush, a choice.",
        "",
        "  0-9            let the task of that number take its step",
        "  up, down       pick a row",
        "  Enter          let what is picked happen",
        "  a              run the picked task alone until it stops or has a choice",
        "  left, u        undo a step; it stays ahead until you go another way",
        "  right, r       go on along what is ahead: undone, a schedule, a way found",
        "  Home, End      undo everything; go along everything that is ahead",
        "  f              look for a way to a failure from here, through the states",
        "                 around and then at random; endless runs are not looked at",
        "  s              save as a schedule, for kmaplab replay, minimize, explain",
        "  q, Ctrl-C      quit",
        "",
        "  >              what Enter lets happen",
        "  *              what the last step has changed",
        "",
        "Any key goes back.",
    ];

    internal static bool IsTooSmall((int Columns, int Rows) size) =>
        size.Columns < ColumnsLeast || size.Rows < RowsLeast;

    /// <summary>What to say of a terminal that is too small.</summary>
    internal static string TooSmall((int Columns, int Rows) size) =>
        $"play needs a terminal of {ColumnsLeast} x {RowsLeast}, and this one has {size.Columns} x {size.Rows}";

    internal static IReadOnlyList<ScreenLine> Draw(
        PlaySession session, PlayMoment moment, (int Columns, int Rows) size)
    {
        if (IsTooSmall(size))
            return [new ScreenLine().Add(TooSmall(size)), new ScreenLine().Add("enlarge it, or q quits")];

        var lines = new List<ScreenLine>(size.Rows) { Bar(Title(session, moment), size.Columns) };
        if (moment.ShowsHelp)
            lines.AddRange(s_help.Select(line => new ScreenLine().Add(line)));
        else
            AddBody(lines, session, moment, size);

        Fill(lines, size.Rows - 2);
        lines.Add(new ScreenLine().Add(moment.Message, Styles.Message));
        lines.Add(Bar(Keys(session), size.Columns));
        return lines;
    }

    private static void AddBody(
        List<ScreenLine> lines, PlaySession session, PlayMoment moment, (int Columns, int Rows) size)
    {
        int rows = size.Rows - 3; // Without the title, the message and the keys.
        string[] finding = session.Finding?.Message.Split('\n') ?? [];
        int findingRows = finding.Length == 0 ? 0 : Math.Min(finding.Length, FindingRows) + 1;
        IReadOnlyList<ScreenLine> memory = MemoryRows.Draw(session, size.Columns);
        List<ScreenLine> tasks = TaskRows.Draw(session, moment, out int picked);
        int left = rows - findingRows - HistoryRows - 2; // Two headings.
        int memoryRows = Math.Min(memory.Count, Math.Max(left / 2, left - tasks.Count));
        int taskRows = Math.Min(tasks.Count, left - memoryRows);
        lines.AddRange(Window(tasks, picked, taskRows));
        AddHeading(lines, "memory", size.Columns);
        lines.AddRange(memory.Take(memoryRows));
        if (findingRows > 0)
        {
            lines.Add(new ScreenLine().Add($"{session.Finding!.Class.Name().ToUpperInvariant()}: ", Styles.Wrong)
                .Add(finding[0], Styles.Wrong));
            lines.AddRange(finding.Skip(1).Take(FindingRows - 1).Select(line => new ScreenLine().Add(line)));
        }

        AddHeading(lines, "done until here", size.Columns);
        lines.AddRange(HistoryPart.Draw(session, size.Rows - 2 - lines.Count));
    }

    private static string Title(PlaySession session, PlayMoment moment)
    {
        string ahead = session.Ahead.Count == 0 ? "" : $", {session.Ahead.Count} ahead";
        return $"step {session.Steps.Count}{ahead}, {Counted.Of(session.Preemptions, "preemption")}   "
            + $"kmaplab play {moment.Title}";
    }

    private static string Keys(PlaySession session) => session.Finding is not null
        ? "u undo  Home start  s save  ? help  q quit"
        : "0-9 step  ↑↓ Enter  a alone  u undo  r redo  f fail  s save  ? help  q quit";

    private static ScreenLine Bar(string text, int columns)
    {
        ScreenLine line = new ScreenLine().Add($" {text}", s_bar).Cut(columns);
        return line.Width < columns ? line.Add(new string(' ', columns - line.Width), s_bar) : line;
    }

    private static void AddHeading(List<ScreenLine> lines, string text, int columns) =>
        lines.Add(new ScreenLine().Add($"── {text} ".PadRight(Math.Min(columns, 78), '─'), Styles.Dim));

    private static void Fill(List<ScreenLine> lines, int rows)
    {
        if (lines.Count > rows)
            lines.RemoveRange(rows, lines.Count - rows);

        while (lines.Count < rows)
            lines.Add(new ScreenLine());
    }

    /// <summary>So many lines of a list, with one of them among them.</summary>
    private static IEnumerable<ScreenLine> Window(List<ScreenLine> lines, int shown, int rows)
    {
        int first = Math.Clamp(shown - (rows / 2), 0, Math.Max(0, lines.Count - rows));
        return lines.Skip(first).Take(rows);
    }
}
