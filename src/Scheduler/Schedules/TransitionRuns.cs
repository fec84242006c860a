using System.Globalization;
using System.Text;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Transitions as people read them: runs of equal ones as 1*3, wrapped so that a diff shows what changed.
/// </summary>
public static class TransitionRuns
{
    /// <summary>The most columns of a line.</summary>
    public const int Columns = 100;

    /// <summary>The most transitions that a schedule may have.</summary>
    public const int TransitionsMax = 100_000_000;

    /// <summary>All runs in one line.</summary>
    public static string Format(ReadOnlySpan<Transition> transitions)
    {
        var text = new StringBuilder();
        for (int i = 0; i < transitions.Length;)
        {
            int length = RunLength(transitions, i);
            text.Append(i == 0 ? "" : " ").Append(FormatRun(transitions[i], length));
            i += length;
        }

        return text.ToString();
    }

    /// <summary>The runs in lines of at most <see cref="Columns"/> columns, each with a line end.</summary>
    public static void WriteWrapped(ReadOnlySpan<Transition> transitions, StringBuilder text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int column = 0;
        for (int i = 0; i < transitions.Length;)
        {
            int length = RunLength(transitions, i);
            string run = FormatRun(transitions[i], length);
            if (column > 0 && column + 1 + run.Length > Columns)
            {
                text.Append('\n');
                column = 0;
            }

            text.Append(column == 0 ? "" : " ").Append(run);
            column += run.Length + (column == 0 ? 0 : 1);
            i += length;
        }

        if (column > 0)
            text.Append('\n');
    }

    /// <summary>Reads one line of runs, and adds its transitions to those of the lines before.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, List<Transition> transitions)
    {
        ArgumentNullException.ThrowIfNull(transitions);
        foreach (Range range in line.Split(' '))
        {
            ReadOnlySpan<char> run = line[range];
            int star = run.IndexOf('*');
            int length = 1;
            if (
                star >= 0
                && (
                    !int.TryParse(run[(star + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length)
                    || length < 2))
                return false;

            if (
                !Transition.TryParse(star < 0 ? run : run[..star], out Transition transition)
                || length > TransitionsMax - transitions.Count)
                return false;

            for (int i = 0; i < length; i++)
                transitions.Add(transition);
        }

        return true;
    }

    internal static int RunLength(ReadOnlySpan<Transition> transitions, int start)
    {
        int end = start + 1;
        while (end < transitions.Length && transitions[end] == transitions[start])
            end++;

        return end - start;
    }

    private static string FormatRun(Transition transition, int length) =>
        length == 1 ? transition.ToString() : $"{transition}*{length}";
}
