using System.Collections.Immutable;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Numbers names from 0 in the order they first appear.</summary>
internal sealed class NameTable
{
    private readonly List<string> _names = [];

    public int Count => _names.Count;

    /// <summary>The index of a name, new or known.</summary>
    public int IndexOf(string name)
    {
        if (!TryFind(name, out int index))
            _names.Add(name);

        return index;
    }

    /// <summary>The index of a known name, or else the one it would get.</summary>
    public bool TryFind(string name, out int index)
    {
        index = _names.IndexOf(name);
        bool known = index >= 0;
        index = known ? index : _names.Count;
        return known;
    }

    public ImmutableArray<string> ToImmutable() => [.. _names];
}
