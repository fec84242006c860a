namespace Kmaplab.Stress.Oracle;

/// <summary>How two values make a third. Numbers have 32 bits and wrap.</summary>
public enum OracleOperator
{
    /// <summary>+</summary>
    Plus,

    /// <summary>-</summary>
    Minus,

    /// <summary>*</summary>
    Times,

    /// <summary>/, towards 0.</summary>
    Divide,

    /// <summary>%, with the sign of the left side.</summary>
    Remainder,

    /// <summary>&amp;, bit by bit.</summary>
    And,

    /// <summary>|, bit by bit.</summary>
    Or,

    /// <summary>^, bit by bit.</summary>
    ExclusiveOr,
}

/// <summary>What operators mean.</summary>
internal static class OracleOperators
{
    private static readonly string[] s_signs = ["+", "-", "*", "/", "%", "&", "|", "^"];

    /// <summary>How they are written, in the order of their numbers.</summary>
    internal static IReadOnlyList<string> Signs => s_signs;

    /// <summary>The third value; null where there is none.</summary>
    internal static int? Apply(this OracleOperator with, int left, int right) => unchecked(with switch
    {
        OracleOperator.Plus => left + right,
        OracleOperator.Minus => left - right,
        OracleOperator.Times => left * right,
        OracleOperator.Divide or OracleOperator.Remainder when right == 0 => null,
        OracleOperator.Divide => (int)((long)left / right),
        OracleOperator.Remainder => (int)((long)left % right),
        OracleOperator.And => left & right,
        OracleOperator.Or => left | right,
        _ => left ^ right,
    });
}
