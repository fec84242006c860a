using System.Collections;
using System.Runtime.CompilerServices;

namespace Kmaplab.Stress.Conformance;

/// <summary>An array that never changes and equals another when their items do.</summary>
/// <remarks>
/// Records made of these compare by value, and consecutive states share the arrays that did not change, so a long trace
/// costs memory for its changes only. The array given to the constructor belongs to the new value from then on.
/// </remarks>
[CollectionBuilder(typeof(ValueArray), nameof(ValueArray.Create))]
public readonly struct ValueArray<T>(T[] items) : IEquatable<ValueArray<T>>, IReadOnlyList<T>
{
    private readonly T[]? _items = items;

    /// <summary>How many items there are; none in a default value.</summary>
    public int Count => _items?.Length ?? 0;

    /// <summary>The item at a position counted from 0.</summary>
    public T this[int index] => _items![index];

    /// <summary>Lets two values of the same shape compare without looking at their items.</summary>
    public bool SharesItemsWith(ValueArray<T> other) => ReferenceEquals(_items, other._items);

    /// <summary>The items without a copy.</summary>
    public ReadOnlySpan<T> AsSpan() => _items;

    /// <inheritdoc/>
    public bool Equals(ValueArray<T> other) => SharesItemsWith(other) || AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueArray<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (T item in AsSpan())
            hash.Add(item);

        return hash.ToHashCode();
    }

    /// <summary>Enumerates without allocating.</summary>
    public ReadOnlySpan<T>.Enumerator GetEnumerator() => AsSpan().GetEnumerator();

    /// <summary>The items in brackets, as a diff shows them.</summary>
    public override string ToString() => $"[{string.Join(", ", _items ?? [])}]";

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)(_items ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => (_items ?? []).GetEnumerator();

    /// <summary>Compares items.</summary>
    public static bool operator ==(ValueArray<T> left, ValueArray<T> right) => left.Equals(right);

    /// <summary>Compares items.</summary>
    public static bool operator !=(ValueArray<T> left, ValueArray<T> right) => !left.Equals(right);
}

/// <summary>Lets collection expressions make a <see cref="ValueArray{T}"/>.</summary>
public static class ValueArray
{
    /// <summary>Copies the items.</summary>
    public static ValueArray<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
