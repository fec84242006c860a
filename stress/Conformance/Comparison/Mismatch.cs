using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Where the port first did something else than a trace.</summary>
/// <param name="File">The trace.</param>
/// <param name="Line">The line of the file.</param>
/// <param name="Step">The step, 0 for the start and one more than there are for the end.</param>
/// <param name="What">What was asked for, in words.</param>
/// <param name="Differences">The fields that differ.</param>
/// <param name="Before">The steps before, the last ones of them, in words.</param>
public sealed record Mismatch(
    string File,
    int Line,
    int Step,
    string What,
    IReadOnlyList<FieldDifference> Differences,
    IReadOnlyList<string> Before)
{
    /// <summary>A table of the differences, and the steps that led to them.</summary>
    public override string ToString()
    {
        int field = Width("field", difference => difference.Field);
        int expected = Width("expected", difference => difference.Expected);
        string[] rows =
        [
            $"{Printable.Of(File)}:{Line}: {Printable.Of(What)}",
            $"  {"field".PadRight(field)}  {"expected".PadRight(expected)}  got",
            .. Differences.Select(row =>
                $"  {Printable.Of(row.Field).PadRight(field)}  {Printable.Of(row.Expected).PadRight(expected)}  "
                + $"{Printable.Of(row.Got)}"),
            Before.Count == 0 ? "  nothing happened before" : $"  before that",
            .. Before.Select(step => $"    {Printable.Of(step)}"),
        ];
        return string.Join('\n', rows);
    }

    private int Width(string title, Func<FieldDifference, string> column) =>
        Math.Max(title.Length, Differences.Max(difference => Printable.Of(column(difference)).Length));
}
