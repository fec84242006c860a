namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>
/// Recovers the source names that the compiler has mangled into state machine types and their fields.
/// </summary>
public static class FunctionName
{
    /// <summary>The name of the method whose state machine this is: KmapHigh of <c>&lt;KmapHigh&gt;d__7</c>.</summary>
    /// <remarks>A local function is named by itself, a lambda by the method that contains it.</remarks>
    public static string Of(Type stateMachine)
    {
        string name = stateMachine.Name;
        int tick = name.IndexOf('`');
        if (tick >= 0)
            name = name[..tick];

        int local = name.IndexOf("g__", StringComparison.Ordinal);
        if (local >= 0)
            return name[(local + 3)..name.IndexOf('|', local)];

        string trimmed = name.TrimStart('<');
        int end = trimmed.IndexOf('>');
        return end < 0 ? name : trimmed[..end];
    }

    /// <summary>Whether a state machine is that of a lambda, which has no name of its own.</summary>
    internal static bool IsLambda(Type stateMachine) => stateMachine.Name.Contains(">b__", StringComparison.Ordinal);

    /// <summary>A kernel function's name in C: kmap_high of KmapHigh.</summary>
    public static string InC(string function)
    {
        var name = new System.Text.StringBuilder();
        foreach (char letter in function)
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('_');

            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    /// <summary>A local's name: budget of <c>&lt;budget&gt;5__2</c>; null for the compiler's own fields.</summary>
    internal static string? OfLocal(string field)
    {
        if (!field.StartsWith('<'))
            return field;

        int end = field.IndexOf('>');
        return end > 1 ? field[1..end] : null;
    }
}
