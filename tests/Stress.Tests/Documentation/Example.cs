using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Tests.Documentation;

/// <summary>A command that a page shows, and the lines of its output that the page shows.</summary>
internal sealed partial record Example(string Page, int Line, string Command, IReadOnlyList<string> Shown)
{
    private const string Prompt = "$ kmaplab ";

    /// <summary>The words of the command, as a shell would cut it.</summary>
    public string[] Arguments => [.. Word().Matches(Command).Select(word => word.Value.Trim('\''))];

    /// <summary>Every command in a page's fenced blocks.</summary>
    public static IEnumerable<Example> In(string page)
    {
        bool isBlock = false;
        (int Line, string Command)? current = null;
        var shown = new List<string>();
        string[] lines = File.ReadAllLines(page);
        for (int i = 0; i < lines.Length; i++)
        {
            bool isFence = lines[i].StartsWith("```", StringComparison.Ordinal);
            bool isCommand = isBlock && lines[i].StartsWith("$ ", StringComparison.Ordinal);
            if ((isFence || isCommand) && current is { } done)
            {
                yield return new Example(Path.GetFileName(page), done.Line, done.Command, [.. shown]);
                current = null;
            }

            if (isFence)
                isBlock = !isBlock;

            if (isCommand && lines[i].StartsWith(Prompt, StringComparison.Ordinal))
            {
                current = (i + 1, lines[i][Prompt.Length..].Split(" #")[0].TrimEnd());
                shown.Clear();
            }
            else if (isBlock && !isFence && !isCommand)
            {
                shown.Add(lines[i]);
            }
        }
    }

    /// <summary>
    /// The first shown line that the output does not have, in its order; null if it has all. A page may leave lines
    /// out.
    /// </summary>
    public string? FirstMissing(string output)
    {
        string[] real = [.. output.Split('\n').Select(Masked)];
        int at = 0;
        foreach (string line in Shown.Where(line => line.Trim() is not ("" or "...")))
        {
            at = 1 + Array.IndexOf(real, Masked(line), at);
            if (at == 0)
                return line;
        }

        return null;
    }

    /// <summary>A line without what differs from run to run, or from build to build.</summary>
    public static string Masked(string line)
    {
        string masked = Token().Replace(line.TrimEnd(), "TOKEN");
        masked = Seconds().Replace(masked, "TIME");
        masked = Rate().Replace(masked, "RATE");
        masked = Loop().Replace(masked, "LOOP");
        masked = SourceLine().Replace(masked, "LINE: ");
        return Blanks().Replace(masked, " ");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Page}({Line}): kmaplab {Command}";

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"kmap\d-\S+")]
    private static partial Regex Token();

    [GeneratedRegex(@"\b\d+\.\d+ s\b")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"\b\d+\.\d+ [kM] (steps|executions|transitions)/s")]
    private static partial Regex Rate();

    // Of many loops that starve somebody, the first in the order of the states' hashes is told: each build has its own.
    [GeneratedRegex(@"task \d+ is woken for ever|\d+ steps to the loop, \d+ steps once round")]
    private static partial Regex Loop();

    // Where code stands in its file changes whenever something is written above it.
    [GeneratedRegex(@"\b\d+: (?=\S)")]
    private static partial Regex SourceLine();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Blanks();
}
