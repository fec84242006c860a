namespace Kmaplab.Scheduler.Coroutines.Stacks;

/// <summary>
/// What one thread knows of a <see cref="FrameStore"/>, so that it seldom has to ask, and to wait for the others.
/// </summary>
internal sealed class FrameCache(FrameStore store, FramePool pool)
{
    private Place[] _places = new Place[1024]; // Open addressing, a power of two, at most half full.
    private int _used;

    /// <summary>The call chain with a number; null for 0.</summary>
    internal Frame? this[int number] => store[number];

    /// <summary>
    /// The number of a call chain. Frames of <paramref name="top"/> that are not kept are given back.
    /// </summary>
    internal int NumberOf(Frame? top)
    {
        if (top is null || top.Number != 0)
            return top?.Number ?? 0;

        if (store.ComparesWhole)
            return store.NumberOf(top, pool);

        UInt128 hash = top.ContentHash();
        ref Place place = ref PlaceOf(hash);
        if (place.Number != 0)
        {
            Frame.ReturnUnkept(top, pool);
            return place.Number;
        }

        int number = store.NumberOf(top, pool);
        place = new Place(hash, number);
        if (++_used > _places.Length / 2)
            Grow();

        return number;
    }

    /// <summary>
    /// The number of the call chain that differs from <paramref name="number"/> in the page frames that its locals
    /// name.
    /// </summary>
    internal int Renamed(int number, ReadOnlySpan<int> names) => NumberOf(RenamedCopy(store[number], names));

    /// <summary>
    /// Whether renaming page frames changes a call chain. None is kept that is not kept already.
    /// </summary>
    internal bool IsChangedBy(int number, ReadOnlySpan<int> names)
    {
        if (store[number] is not { } top)
            return false;

        Frame renamed = RenamedCopy(top, names)!;
        bool isChanged = renamed.ContentHash() != top.ContentHash();
        Frame.ReturnUnkept(renamed, pool);
        return isChanged;
    }

    private Frame? RenamedCopy(Frame? frame, ReadOnlySpan<int> names)
    {
        if (frame is null)
            return null;

        Frame copy = frame.Copy(pool);
        copy.Rename(names);
        copy.Parent = RenamedCopy(frame.Parent, names);
        return copy;
    }

    private ref Place PlaceOf(UInt128 hash)
    {
        Place[] places = _places;
        int index = (int)(ulong)hash & (places.Length - 1);
        while (places[index].Number != 0 && places[index].Hash != hash)
            index = (index + 1) & (places.Length - 1);

        return ref places[index];
    }

    private void Grow()
    {
        Place[] old = _places;
        _places = new Place[old.Length * 2];
        foreach (Place place in old)
        {
            if (place.Number != 0)
                PlaceOf(place.Hash) = place;
        }
    }

    private readonly record struct Place(UInt128 Hash, int Number);
}
