using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// Memory straight from the operating system, all 0: it moves for no collector, and when it is freed it is gone.
/// </summary>
/// <remarks>On Linux it asks for huge pages, without which every look into a large table also misses the TLB.</remarks>
internal sealed unsafe partial class PageBlock : IDisposable
{
    /// <summary>Blocks of a multiple of this size can lie in huge pages altogether.</summary>
    internal const long HugePage = 2 << 20;

    private const int PageBytes = 4096; // At least; what is not whole larger pages is not given back.
    private const int ChunkBytes = 1 << 24;
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateAnonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int AdviseHugePage = 14; // MADV_HUGEPAGE
    private const int PopulateWrite = 23; // MADV_POPULATE_WRITE

    private byte* _start;

    internal PageBlock(long bytes)
    {
        Bytes = bytes;
        _start = OperatingSystem.IsLinux() ? Map(bytes) : Allocate(bytes);
    }

    ~PageBlock() => Free();

    internal long Bytes { get; }

    /// <summary>The first byte, on the border of a page.</summary>
    internal byte* Start => _start;

    internal Span<byte> Span => new(_start, (int)Bytes);

    /// <summary>Writes all of it.</summary>
    internal void Save(BinaryWriter writer)
    {
        for (long at = 0; at < Bytes; at += ChunkBytes)
            writer.Write(Chunk(at));
    }

    /// <summary>Reads all of it.</summary>
    internal void Load(BinaryReader reader)
    {
        for (long at = 0; at < Bytes; at += ChunkBytes)
            reader.ReadExactly(Chunk(at));
    }

    private Span<byte> Chunk(long at) => new(_start + at, (int)Math.Min(ChunkBytes, Bytes - at));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static byte* Map(long bytes)
    {
        bool isHuge = bytes >= HugePage;
        long mapped = isHuge ? bytes + HugePage : bytes;
        nint start = MapPages(0, (nuint)mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1)
            throw new InsufficientMemoryException(
                $"the operating system has no {bytes >> 20} MiB left for the tables of the search");

        // Wishes: if they are not granted, the search is slower.
        if (isHuge)
        {
            start = Trim(start, mapped, bytes);
            _ = AdvisePages(start, (nuint)bytes, AdviseHugePage);
        }

        // All of it is going to be used; one call is cheaper than a fault a page.
        _ = AdvisePages(start, (nuint)bytes, PopulateWrite);
        return (byte*)start;
    }

    /// <summary>
    /// Gives back what is before the first border of a huge page, as not every kernel begins there, and what is left
    /// behind the block; yields where that begins.
    /// </summary>
    private static nint Trim(nint start, long mapped, long bytes)
    {
        nint first = (start + (nint)HugePage - 1) & -(nint)HugePage;
        nint end = first + ((nint)(bytes + PageBytes - 1) & -PageBytes);
        Unmap(start, first);
        Unmap(end, start + (nint)mapped);
        return first;
    }

    private static void Unmap(nint start, nint end)
    {
        if (end > start)
            _ = UnmapPages(start, (nuint)(end - start));
    }

    private static byte* Allocate(long bytes)
    {
        var start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, PageBytes);
        NativeMemory.Clear(start, (nuint)bytes);
        return start;
    }

    private void Free()
    {
        if (_start is null)
            return;

        if (OperatingSystem.IsLinux())
            _ = UnmapPages((nint)_start, (nuint)Bytes);
        else
            NativeMemory.AlignedFree(_start);

        _start = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapPages(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapPages(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdvisePages(nint address, nuint length, int advice);
}
