namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Numbers renamings by what they do, so that two of them can never be taken for one another.</summary>
/// <remarks>
/// One thread, one object. The numbers depend on the order in which renamings are met: for look-up only.
/// </remarks>
internal sealed class NumberedRenamings
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    internal NumberedRenamings() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The number of the renaming that gives the i-th thing the i-th name.</summary>
    internal int NumberOf(ReadOnlySpan<int> names)
    {
        Span<char> key = names.Length <= 256 ? stackalloc char[names.Length] : new char[names.Length];
        for (int i = 0; i < names.Length; i++)
            key[i] = checked((char)names[i]);

        if (_lookup.TryGetValue(key, out int number))
            return number;

        number = _numbers.Count;
        _numbers.Add(key.ToString(), number);
        return number;
    }
}
