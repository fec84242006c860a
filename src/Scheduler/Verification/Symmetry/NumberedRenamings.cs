namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Numbers renamings by what they do, so that two of them can never be taken for one another.</summary>
/// <remarks>
/// One thread, one object. The numbers depend on the order in which renamings are met: for look-up only.
/// </remarks>
internal sealed class NumberedRenamings
{
    private const int BitsPerName = 4;
    private const int NamesMax = sizeof(ulong) * 8 / BitsPerName; // As many, and no greater, fit into one key.

    private readonly Dictionary<ulong, int> _short = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    internal NumberedRenamings() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The number of the renaming that gives the i-th thing the i-th name.</summary>
    internal int NumberOf(ReadOnlySpan<int> names)
    {
        if (names.Length < NamesMax)
            return NumberOfFew(names);

        Span<char> key = names.Length <= 256 ? stackalloc char[names.Length] : new char[names.Length];
        for (int i = 0; i < names.Length; i++)
            key[i] = checked((char)names[i]);

        if (_lookup.TryGetValue(key, out int number))
            return number;

        number = Count++;
        _numbers.Add(key.ToString(), number);
        return number;
    }

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    private int NumberOfFew(ReadOnlySpan<int> names)
    {
        ulong key = 1; // In front of the first name, so that renamings of different lengths have different keys.
        foreach (int name in names)
            key = (key << BitsPerName) | (uint)name;

        key *= 0x9E37_79B9_7F4A_7C15; // Odd, so different keys stay different; and their halves tell them apart, too.
        if (_short.TryGetValue(key, out int number))
            return number;

        number = Count++;
        _short.Add(key, number);
        return number;
    }
}
