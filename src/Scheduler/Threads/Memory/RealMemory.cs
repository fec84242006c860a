using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Threads.Memory;

/// <summary>
/// Page frames that are pages of a file in memory, and page table entries that are mappings of them: an address is a
/// pointer of this process.
/// </summary>
/// <remarks>
/// A page table entry that is cleared stays mapped until all TLBs are flushed, as in the kernel, and the flush unmaps
/// neighbours in one call. What is not mapped shows poison and takes writes that nobody sees, so that a wrong use is
/// found and does not end the process.
/// </remarks>
internal sealed unsafe partial class RealMemory : IDisposable
{
    /// <summary>What every word of a page that is not mapped contains.</summary>
    internal const int Poison = 0x6B6B6B6B;

    private const int PageSize = 4096;
    private const int PageShift = 12;
    private const int ReadWrite = 1 | 2; // PROT_READ | PROT_WRITE
    private const int Shared = 1; // MAP_SHARED
    private const int Private = 2;
    private const int Fixed = 0x10;
    private const int FixedNoReplace = 0x100000;

    private readonly Lock _lock = new();
    private readonly MmuLayout _layout;
    private readonly int _file;
    private readonly byte* _frames; // All frames, and the poison behind them, mapped for ever.
    private readonly long _bytes;
    private readonly nint[] _windows; // By region.
    private readonly bool[] _isCleared; // By page: still mapped, until the next flush.

    internal RealMemory(MmuLayout layout)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new UsageException("real memory needs Linux on x86-64: leave --memory out");

        _layout = layout;
        _isCleared = new bool[layout.Pages];
        _windows = new nint[layout.Regions.Length];
        _bytes = (long)(layout.Frames + layout.Pages) << PageShift;
        fixed (byte* name = "kmaplab"u8)
            _file = MemfdCreate(name, 1); // MFD_CLOEXEC

        if (_file < 0)
            throw Refused("memfd_create");

        if (Ftruncate(_file, _bytes) != 0)
            throw Refused("ftruncate");

        nint frames = Mmap(0, (nuint)_bytes, ReadWrite, Shared, _file, 0);
        if (frames == -1)
            throw Refused("mmap");

        _frames = (byte*)frames;
        new Span<int>(_frames + OffsetOf(layout.Frames), layout.Pages * (PageSize / sizeof(int))).Fill(Poison);
        for (int region = 0; region < _windows.Length; region++)
            _windows[region] = Reserve(layout.Regions[region]);
    }

    /// <summary>Where windows are that could not be where the kernel has them; null if all are.</summary>
    internal string? Note
    {
        get
        {
            for (int region = 0; region < _windows.Length; region++)
            {
                MappedRegion wanted = _layout.Regions[region];
                if (_windows[region] != (nint)wanted.Start.Value)
                    return $"{wanted.Name} is mapped at 0x{_windows[region]:x}, as {wanted.Start} is taken";
            }

            return null;
        }
    }

    /// <summary>Calls of mmap() since it was made.</summary>
    internal long Calls { get; private set; }

    /// <summary>A word of a page at the place of an address: of a page table entry, or of low memory.</summary>
    internal ref int WordAt(int place) => ref *(int*)PointerTo(place);

    /// <summary>The first word of every frame.</summary>
    internal int[] Contents() =>
        [.. Enumerable.Range(0, _layout.Frames).Select(frame => *(int*)(_frames + OffsetOf(frame)))];

    /// <summary>Where a page of a region, or a low frame, is in this process.</summary>
    internal nint PointerTo(int place)
    {
        if (place >= _layout.Pages)
            return (nint)_frames + OffsetOf(place - _layout.Pages);

        for (int region = 0; ; region++)
        {
            MappedRegion mapped = _layout.Regions[region];
            if (place < mapped.First + mapped.Pages)
                return _windows[region] + OffsetOf(place - mapped.First);
        }
    }

    /// <summary>Stores a page table entry: none leaves the old mapping there until all TLBs are flushed.</summary>
    internal void SetEntry(int page, PageFrame frame)
    {
        lock (_lock)
        {
            _isCleared[page] = frame.IsNone;
            if (!frame.IsNone)
                Map(PointerTo(page), 1, Shared, OffsetOf(frame.Number));
        }
    }

    /// <summary>Forgets one translation.</summary>
    internal void FlushOne(int page)
    {
        lock (_lock)
        {
            if (_isCleared[page])
                Unmap(page, 1);
        }
    }

    /// <summary>flush_tlb_all(): what has been cleared is unmapped, neighbours in one call.</summary>
    internal void FlushAll()
    {
        lock (_lock)
        {
            foreach (MappedRegion region in _layout.Regions)
                Flush(region.First, region.First + region.Pages);
        }
    }

    /// <summary>No page is mapped, and all frames are empty.</summary>
    internal void Reset()
    {
        lock (_lock)
        {
            foreach (MappedRegion region in _layout.Regions)
                Unmap(region.First, region.Pages);

            new Span<byte>(_frames, _layout.Frames << PageShift).Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int region = 0; region < _windows.Length; region++)
            _ = Munmap(_windows[region], (nuint)OffsetOf(_layout.Regions[region].Pages));

        _ = Munmap((nint)_frames, (nuint)_bytes);
        _ = Close(_file);
    }

    private static nint OffsetOf(int page) => (nint)page << PageShift;

    private static UsageException Refused(string call) => new(
        $"real memory cannot be had: {call}() failed with error {Marshal.GetLastPInvokeError()} "
        + $"({Marshal.GetLastPInvokeErrorMessage()}); leave --memory out, or allow it");

    private nint Reserve(MappedRegion region)
    {
        var length = (nuint)OffsetOf(region.Pages);
        nint offset = OffsetOf(_layout.Frames + region.First);
        nint place = Mmap((nint)region.Start.Value, length, ReadWrite, Private | FixedNoReplace, _file, offset);
        if (place != -1 && place != (nint)region.Start.Value)
            _ = Munmap(place, length); // A kernel that does not know MAP_FIXED_NOREPLACE takes it for a hint.

        if (place == (nint)region.Start.Value)
            return place;

        place = Mmap(0, length, ReadWrite, Private, _file, offset);
        return place != -1 ? place : throw Refused("mmap");
    }

    private void Flush(int page, int end)
    {
        while (page < end)
        {
            int first = page;
            while (page < end && _isCleared[page])
                page++;

            if (page > first)
                Unmap(first, page - first);
            else
                page++;
        }
    }

    private void Unmap(int first, int pages)
    {
        Map(PointerTo(first), pages, Private, OffsetOf(_layout.Frames + first));
        _isCleared.AsSpan(first, pages).Clear();
    }

    private void Map(nint address, int pages, int sharing, nint offset)
    {
        Calls++;
        if (Mmap(address, (nuint)OffsetOf(pages), ReadWrite, sharing | Fixed, _file, offset) == -1)
            throw Refused("mmap");
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    private static partial int MemfdCreate(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Ftruncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
