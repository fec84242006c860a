namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>What must hold between the values of a line, and between a line and those before it.</summary>
internal static class Rule
{
    /// <summary>A number from the first up to but without the limit.</summary>
    public static void InRange(string field, long value, long first, long limit)
    {
        if (value < first || value >= limit)
            throw Broken(field, $"{value} is not from {first} to {limit - 1}");
    }

    /// <summary>All numbers from the first up to but without the limit.</summary>
    public static void AllInRange(string field, ReadOnlySpan<int> values, long first, long limit)
    {
        foreach (int value in values)
            InRange(field, value, first, limit);
    }

    /// <summary>A word of a closed list.</summary>
    public static T Word<T>(string field, string word)
        where T : struct, Enum =>
        Words<T>.TryParse(word, out T value) ? value : throw Broken(field, $"'{word}' is none of {Words<T>.All}");

    public static void Natural(string field, long value) => InRange(field, value, 0, int.MaxValue);

    /// <summary>A number of 32 bits.</summary>
    public static void Int(string field, long value) => InRange(field, value, int.MinValue, 1L << 31);

    /// <summary>An address.</summary>
    public static void Address(string field, long value) => InRange(field, value, 0, 1L << 32);

    public static void Count(string field, int count, long expected)
    {
        if (count != expected)
            throw Broken(field, $"has {count} items, must have {expected}");
    }

    /// <summary>A field is there exactly where it must be.</summary>
    /// <param name="field">The field.</param>
    /// <param name="isThere">Whether the line has it.</param>
    /// <param name="isNeeded">Whether it must have it; otherwise it must not.</param>
    /// <param name="what">What the line is.</param>
    /// <param name="word">Of which sort, if there are several.</param>
    public static void Field(string field, bool isThere, bool isNeeded, string what, string? word = null)
    {
        if (isNeeded && !isThere)
            throw new RuleException($"field '{field}' is missing in {what}{Quoted(word)}");

        if (!isNeeded)
            MayHave(field, isThere, isAllowed: false, what, word);
    }

    /// <summary>A field is there only where it may be.</summary>
    public static void MayHave(string field, bool isThere, bool isAllowed, string what, string? word = null)
    {
        if (isThere && !isAllowed)
            throw new RuleException($"field '{field}' does not belong in {what}{Quoted(word)}");
    }

    public static RuleException Broken(string field, string reason) => new($"'{field}': {reason}");

    private static string Quoted(string? word) => word is null ? "" : $" '{word}'";
}

/// <summary>A line is well-formed, but does not hold together; the message says why in one line.</summary>
internal sealed class RuleException(string reason) : Exception(reason);
