namespace Kmaplab.Scheduler.Scenarios;

/// <summary>Guesses which name was meant by one that does not exist.</summary>
public static class NearestName
{
    /// <summary>", did you mean 'churn'?", or nothing if no name is near.</summary>
    public static string Suggestion(string wrong, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(wrong);
        ArgumentNullException.ThrowIfNull(names);
        string? nearest = null;
        int least = Math.Max(2, wrong.Length / 2) + 1;
        foreach (string name in names)
        {
            int distance = Distance(wrong, name);
            if (distance < least)
                (nearest, least) = (name, distance);
        }

        return nearest is null ? "" : $", did you mean '{nearest}'?";
    }

    // Levenshtein's edit distance, one row at a time.
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        foreach (char letter in from)
        {
            int diagonal = row[0]++;
            for (int i = 1; i <= to.Length; i++)
            {
                int replaced = diagonal + (letter == to[i - 1] ? 0 : 1);
                diagonal = row[i];
                row[i] = Math.Min(replaced, Math.Min(row[i], row[i - 1]) + 1);
            }
        }

        return row[^1];
    }
}
