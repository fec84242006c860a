using System.Globalization;
using System.Text;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>The matrix of races and strategies, for people and for programs.</summary>
internal static class KillMatrixText
{
    /// <summary>A line for each race, a column for each strategy: the median, or how often it was found.</summary>
    internal static void Write(TextWriter text, IReadOnlyList<KillCell> cells)
    {
        string[] strategies = [.. cells.Select(cell => cell.Strategy).Distinct()];
        int names = cells.Max(cell => cell.Race.Length);
        Dictionary<string, int> widths = strategies.ToDictionary(
            strategy => strategy,
            strategy =>
                2
                + cells
                    .Where(cell => cell.Strategy == strategy)
                    .Select(InShort)
                    .Append(strategy)
                    .Max(word => word.Length));
        text.WriteLine(string.Concat(strategies.Select(InColumn).Prepend(new string(' ', names))));
        foreach (IGrouping<string, KillCell> race in cells.GroupBy(cell => cell.Race))
        {
            Dictionary<string, string> found = race.ToDictionary(cell => cell.Strategy, InShort);
            IEnumerable<string> columns = strategies.Select(strategy =>
                found.GetValueOrDefault(strategy, "").PadLeft(widths[strategy]));
            text.WriteLine(string.Concat(columns.Prepend(Printable.Of(race.Key).PadRight(names))));
        }

        string InColumn(string strategy) => strategy.PadLeft(widths[strategy]);
    }

    /// <summary>The median; how often it was found, if not with every seed; no for never.</summary>
    internal static string InShort(KillCell cell) => cell switch
    {
        { Found: 0 } => "no",
        { Median: { } median, Worst: not null } => Invariant(median),
        _ => $"{cell.Found} of {cell.Seeds}",
    };

    /// <summary>A line for each cell.</summary>
    internal static string Csv(IReadOnlyList<KillCell> cells)
    {
        var csv = new StringBuilder("race,strategy,found,seeds,median,worst\n");
        foreach (KillCell cell in cells)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{Quoted(cell.Race)},{cell.Strategy},{cell.Found},{cell.Seeds},");
            csv.Append(CultureInfo.InvariantCulture, $"{cell.Median},{cell.Worst}\n");
        }

        return csv.ToString();
    }

    // Programs may have any name.
    private static string Quoted(string name) => name.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : name;

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
