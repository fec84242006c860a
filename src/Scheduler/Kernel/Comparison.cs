namespace Kmaplab.Scheduler.Kernel;

/// <summary>How a word is compared with a value.</summary>
public enum Comparison
{
    /// <summary>It is the value.</summary>
    Equal,

    /// <summary>It is another one.</summary>
    NotEqual,

    /// <summary>It is less.</summary>
    Less,

    /// <summary>It is at most the value.</summary>
    LessOrEqual,

    /// <summary>It is greater.</summary>
    Greater,

    /// <summary>It is at least the value.</summary>
    GreaterOrEqual,
}

/// <summary>What comparisons mean.</summary>
public static class Comparisons
{
    /// <summary>Whether it holds.</summary>
    public static bool Holds(this Comparison comparison, int word, int value) => comparison switch
    {
        Comparison.Equal => word == value,
        Comparison.NotEqual => word != value,
        Comparison.Less => word < value,
        Comparison.LessOrEqual => word <= value,
        Comparison.Greater => word > value,
        _ => word >= value,
    };

    /// <summary>What holds exactly where this does not.</summary>
    public static Comparison Negated(this Comparison comparison) => comparison switch
    {
        Comparison.Equal => Comparison.NotEqual,
        Comparison.NotEqual => Comparison.Equal,
        Comparison.Less => Comparison.GreaterOrEqual,
        Comparison.LessOrEqual => Comparison.Greater,
        Comparison.Greater => Comparison.LessOrEqual,
        _ => Comparison.Less,
    };

    /// <summary>As it is written: ==, !=, &lt;, &lt;=, &gt;, &gt;=.</summary>
    public static string Sign(this Comparison comparison) => comparison switch
    {
        Comparison.Equal => "==",
        Comparison.NotEqual => "!=",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        _ => ">=",
    };
}
