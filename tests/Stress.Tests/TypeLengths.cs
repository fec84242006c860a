using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Tests;

/// <summary>How long the types of a source file are, from the line that declares one to its last brace.</summary>
/// <remarks>It goes by the layout, which the build checks: whatever is outermost begins at the first column.</remarks>
internal static partial class TypeLengths
{
    /// <summary>Those of one file, with their full names; of a partial type the part that is there.</summary>
    internal static IEnumerable<(string Name, int Lines)> In(IReadOnlyList<string> lines)
    {
        string space = lines
            .Select(line => Namespace().Match(line).Groups[1].Value)
            .FirstOrDefault(name => name.Length > 0, "");
        for (int i = 0; i < lines.Count; i++)
        {
            Match type = Declaration().Match(lines[i]);
            if (!type.Success)
                continue;

            int last = i;
            while (lines[last] != "}" && !(lines[last].EndsWith(';') && IsBodiless(lines, i, last)))
                last++;

            yield return ($"{space}.{type.Groups[1].Value}", last - i + 1);
            i = last;
        }
    }

    // A record or a delegate may end with a semicolon instead of a body.
    private static bool IsBodiless(IReadOnlyList<string> lines, int first, int last) =>
        !lines.Skip(first).Take(last - first + 1).Contains("{");

    [GeneratedRegex(@"^namespace ([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(?:[a-z]+ )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>\[\], ?]+) (\w+)")]
    private static partial Regex Declaration();
}
