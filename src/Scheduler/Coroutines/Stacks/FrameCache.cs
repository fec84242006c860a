namespace Kmaplab.Scheduler.Coroutines.Stacks;

/// <summary>
/// What one thread knows of a <see cref="FrameStore"/>, so that it seldom has to ask, and to wait for the others.
/// </summary>
internal sealed class FrameCache(FrameStore store, FramePool pool)
{
    private Place[] _places = new Place[1024]; // Open addressing, a power of two, at most half full.
    private UInt128[] _hashes = new UInt128[1024]; // By number; 0 for those that nobody has asked for.
    private int _used;

    /// <summary>The call chain with a number; null for 0.</summary>
    internal Frame? this[int number] => store[number];

    /// <summary>What the call chain with a number is worth as one value; 0 for the empty stack.</summary>
    internal UInt128 HashOf(int number)
    {
        UInt128[] hashes = _hashes;
        if ((uint)number < (uint)hashes.Length && hashes[number] != UInt128.Zero)
            return hashes[number];

        return number == 0 ? UInt128.Zero : KeepHash(number);
    }

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

    private UInt128 KeepHash(int number)
    {
        if (number >= _hashes.Length)
            Array.Resize(ref _hashes, Math.Max(number + 1, _hashes.Length * 2));

        return _hashes[number] = store[number]!.ContentHash();
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
