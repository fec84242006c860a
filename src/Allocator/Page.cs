using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>struct page *: a page frame, by its number from 0.</summary>
[NamesPageFrame]
public readonly record struct Page(int Number)
{
    /// <summary>NULL: what alloc_page yields when there is no page left.</summary>
    public static Page None => new(-1);

    /// <summary>Whether this is NULL.</summary>
    public bool IsNone => Number < 0;

    /// <summary>The frame itself, as the machine knows it.</summary>
    internal PageFrame Frame => new(Number);

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "no page" : $"page {Number}";
}
