using System.Threading;

namespace Kmaplab.Scheduler.Coroutines.Stacks;

/// <summary>
/// Gives every distinct call chain a number, and keeps one chain of frames for it that nobody changes.
/// </summary>
/// <remarks>
/// A program has few distinct stacks, however many states it has, so a state names its stacks by number. Frames refer
/// only to objects made at boot, so all threads share them.
/// </remarks>
/// <param name="comparesWhole">Compare stacks themselves where their hashes are equal.</param>
/// <param name="onNew">Is shown each frame that is kept, one at a time; null if nobody wants to see them.</param>
internal sealed class FrameStore(bool comparesWhole, Action<Frame>? onNew = null)
{
    private const int BytesForFrame = 256; // The object, its place here, and in the cache of each thread.

    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly Lock _lock = new();
    private Frame[] _frames = new Frame[1024];
    private int _count;
    private long _bytes;

    /// <summary>Stacks are told apart by what they are, not by their hashes alone.</summary>
    internal bool ComparesWhole => comparesWhole;

    /// <summary>Number of distinct call chains.</summary>
    internal int Count => _count;

    /// <summary>The innermost call of each chain, by number from 1 on.</summary>
    internal IEnumerable<Frame> Tops => _frames.Take(_count);

    /// <summary>Bytes that the chains take, roughly, with what threads remember of them.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The call chain with a number from 1; null for 0, the empty stack.</summary>
    internal Frame? this[int number] => number == 0 ? null : Volatile.Read(ref _frames)[number - 1];

    /// <summary>
    /// The number of a call chain. Frames of <paramref name="top"/> that are new are kept; the others go back to the
    /// pool.
    /// </summary>
    internal int NumberOf(Frame? top, FramePool pool)
    {
        if (top is null)
            return 0;

        if (top.Number != 0)
            return top.Number;

        UInt128 hash = top.ContentHash();
        int parent = NumberOf(top.Parent, pool);
        lock (_lock)
        {
            for (; _numbers.TryGetValue(hash, out int number); hash++)
            {
                if (comparesWhole && !IsSame(_frames[number - 1], top, parent))
                    continue; // Another stack with this hash: the next free place is for this one.

                pool.Return(top);
                return number;
            }

            if (_count == _frames.Length)
            {
                var larger = new Frame[_count * 2];
                _frames.CopyTo(larger, 0);
                Volatile.Write(ref _frames, larger);
            }

            top.Parent = this[parent];
            top.Number = ++_count;
            _frames[_count - 1] = top;
            _numbers.Add(hash, _count);
            onNew?.Invoke(top);
            _bytes += BytesForFrame + top.Type.ByteLength;
            return _count;
        }
    }

    private static bool IsSame(Frame kept, Frame top, int parent)
    {
        if (kept.Type != top.Type || (kept.Parent?.Number ?? 0) != parent)
            return false;

        Span<byte> locals = stackalloc byte[kept.Type.ByteLength];
        Span<byte> others = stackalloc byte[kept.Type.ByteLength];
        kept.WriteTo(locals);
        top.WriteTo(others);
        return locals.SequenceEqual(others);
    }
}
