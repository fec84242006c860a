namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>Gives equal things one number, so that data that says them often stays small.</summary>
internal sealed class NumberTable<T>(IEqualityComparer<T>? comparer = null)
    where T : notnull
{
    private readonly Dictionary<T, int> _numbers = new(comparer);
    private readonly List<T> _values = [];

    /// <summary>Each once, by number.</summary>
    internal IReadOnlyList<T> Values => _values;

    internal int Of(T value)
    {
        if (_numbers.TryGetValue(value, out int number))
            return number;

        _numbers.Add(value, _values.Count);
        _values.Add(value);
        return _values.Count - 1;
    }
}
