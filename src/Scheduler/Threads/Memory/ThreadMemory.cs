using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Threads.Memory;

/// <summary>The words of kernel memory, at addresses that stay where they are.</summary>
/// <remarks>
/// Each region begins on a cache line of its own, so that a lock shares none with what it guards, nor with another
/// lock. The whole range is reserved at once, and the operating system gives memory for what is laid out.
/// </remarks>
internal sealed unsafe class ThreadMemory
{
    /// <summary>Words of a cache line; two, because processors fetch lines in pairs.</summary>
    internal const int LineWords = 32;

    private const int BytesMax = 256 << 20;
    private const int WordsMax = BytesMax / sizeof(int);

    private int[] _image = [];

    internal ThreadMemory() =>
        Words = (int*)NativeMemory.AlignedAlloc(BytesMax, LineWords * sizeof(int));

    /// <summary>Nobody refers to it any more, no thread of the machine either.</summary>
    ~ThreadMemory() => NativeMemory.AlignedFree(Words);

    /// <summary>The first word.</summary>
    internal int* Words { get; }

    /// <summary>The number of words that are laid out.</summary>
    internal int Used { get; private set; }

    /// <summary>Lays out words, all 0, from the beginning of a line on.</summary>
    /// <exception cref="UsageException">There are not as many.</exception>
    internal int Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long lines = ((long)Math.Max(length, 1) + LineWords - 1) / LineWords;
        if (Used + (lines * LineWords) > WordsMax)
            throw new UsageException(
                $"the scenario lays out more than {BytesMax >> 20} MiB of kernel memory: smaller sizes fit");

        int start = Used;
        Used += (int)lines * LineWords;
        new Span<int>(Words + start, Used - start).Clear();
        return start;
    }

    /// <summary>Keeps what is there now, to begin every run with.</summary>
    internal void Save() => _image = Copy();

    /// <summary>What is there now.</summary>
    internal int[] Copy() => new Span<int>(Words, Used).ToArray();

    /// <summary>Back to what was saved.</summary>
    internal void Restore() => _image.CopyTo(new Span<int>(Words, Used));
}
