namespace Kmaplab.Scheduler.Threads;

/// <summary>The words of kernel memory, at addresses that stay where they are while threads run.</summary>
/// <remarks>
/// Each region begins on a cache line of its own, so that a lock shares none with what it guards, nor with another
/// lock.
/// </remarks>
internal sealed class ThreadMemory
{
    /// <summary>Words of a cache line; two, because processors fetch lines in pairs.</summary>
    internal const int LineWords = 32;

    private const int FirstCapacity = 1 << 12;

    private int[] _storage = [];
    private int _origin; // Where the first whole line of the storage begins.
    private int[] _image = [];

    internal ThreadMemory() => Grow(FirstCapacity);

    /// <summary>The first word. Moves as long as the machine boots.</summary>
    internal unsafe int* Words { get; private set; }

    /// <summary>The number of words that are laid out.</summary>
    internal int Used { get; private set; }

    /// <summary>Lays out words, all 0, from the beginning of a line on.</summary>
    internal int Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int start = Used;
        int end = checked(start + Math.Max(length, 1) + LineWords - 1) / LineWords * LineWords;
        if (end > _storage.Length - LineWords)
            Grow(Math.Max(end, checked(2 * Used)));

        Used = end;
        return start;
    }

    /// <summary>Keeps what is there now, to begin every run with.</summary>
    internal void Save() => _image = Contents().ToArray();

    /// <summary>Back to what was saved.</summary>
    internal void Restore() => _image.CopyTo(Contents());

    private Span<int> Contents() => _storage.AsSpan(_origin, Used);

    private unsafe void Grow(int capacity)
    {
        int[] before = _storage;
        int from = _origin;
        _storage = GC.AllocateArray<int>(capacity + LineWords, pinned: true);
        var address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _storage[0]);
        nint line = LineWords * sizeof(int);
        _origin = (int)((line - (address % line)) % line) / sizeof(int);
        before.AsSpan(from, Math.Min(Used, before.Length)).CopyTo(Contents());
        Words = (int*)address + _origin;
    }
}
