using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Verification;

/// <summary>What one thread knows of a <see cref="FrameStore"/>, so that it seldom has to ask, and to wait for the others.</summary>
internal sealed class FrameCache(FrameStore store, FramePool pool)
{
    private readonly Dictionary<UInt128, int> _numbers = [];

    /// <summary>The call chain with a number; null for 0.</summary>
    internal Frame? this[int number] => store[number];

    /// <summary>The number of a call chain. Frames of <paramref name="top"/> that are not kept are given back.</summary>
    internal int NumberOf(Frame? top)
    {
        if (top is null || top.Number != 0)
            return top?.Number ?? 0;

        UInt128 hash = top.ContentHash();
        if (_numbers.TryGetValue(hash, out int number))
        {
            Frame.ReturnUnkept(top, pool);
            return number;
        }

        number = store.NumberOf(top, pool);
        _numbers.Add(hash, number);
        return number;
    }

    /// <summary>The number of the call chain that differs from <paramref name="number"/> in the page frames that its locals name.</summary>
    internal int Renamed(int number, ReadOnlySpan<int> names) => NumberOf(RenamedCopy(store[number], names));

    private Frame? RenamedCopy(Frame? frame, ReadOnlySpan<int> names)
    {
        if (frame is null)
            return null;

        Frame copy = frame.Copy(pool);
        copy.RenameFrames(names);
        copy.Parent = RenamedCopy(frame.Parent, names);
        return copy;
    }
}
