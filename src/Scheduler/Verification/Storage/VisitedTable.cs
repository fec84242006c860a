using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// One open addressing table of a <see cref="VisitedSet"/>: buckets of one cache line, each with three states and a
/// header.
/// </summary>
/// <remarks>
/// A state is never changed nor removed, and is written before the header counts it. So who looks takes no lock;
/// who adds locks one bucket by its header. When the table has been moved into a larger one its headers say so.
/// </remarks>
internal sealed unsafe class VisitedTable : IDisposable
{
    /// <summary>States in a bucket.</summary>
    internal const int BucketStates = 3;

    /// <summary>Bytes of a bucket: a cache line.</summary>
    internal const int BucketBytes = 64;

    private const int StateBytes = 20; // Low half of the hash, high half, number.
    private const int HeaderOffset = BucketStates * StateBytes;
    private const int CountMask = 3;
    private const int Locked = 4;
    private const int Moved = 8;

    private readonly PageBlock _block;
    private readonly byte* _buckets;
    private readonly ulong _count;

    internal VisitedTable(long buckets)
    {
        _block = new PageBlock(buckets * BucketBytes);
        _buckets = _block.Start;
        _count = (ulong)buckets;
    }

    internal long Buckets => (long)_count;

    internal long Bytes => _block.Bytes;

    public void Dispose() => _block.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(ulong low)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(_buckets + (IndexOf(low) * BucketBytes));
    }

    /// <summary>A state's number; -1 if it is not there, -2 if the table has moved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(ulong low, ulong high)
    {
        ulong index = IndexOf(low);
        while (true)
        {
            byte* bucket = _buckets + (index * BucketBytes);
            int header = Volatile.Read(ref HeaderOf(bucket));
            int number = FindIn(bucket, header & CountMask, low, high);
            if (number >= 0)
                return number;

            if ((header & CountMask) < BucketStates)
                return (header & Moved) == 0 ? -1 : -2;

            if (++index == _count)
                index = 0;
        }
    }

    /// <summary>
    /// Adds a state, and yields its number; that of the same state if that is there by now; -2 if the table has moved.
    /// </summary>
    internal int Insert(ulong low, ulong high, int number, bool isShared)
    {
        ulong index = IndexOf(low);
        while (true)
        {
            byte* bucket = _buckets + (index * BucketBytes);
            int header = Volatile.Read(ref HeaderOf(bucket));
            int present = FindIn(bucket, header & CountMask, low, high);
            if (present >= 0)
                return present;

            if ((header & CountMask) == BucketStates)
            {
                if (++index == _count)
                    index = 0;

                continue;
            }

            if ((header & Moved) != 0)
                return -2;

            if (isShared && !TryLock(bucket, header))
                continue; // Somebody adds here: look again at what.

            Write(bucket, header & CountMask, low, high, number);
            Volatile.Write(ref HeaderOf(bucket), header + 1);
            return number;
        }
    }

    /// <summary>
    /// Copies all states into a table that nobody else knows yet; from now on nobody adds to this one.
    /// </summary>
    internal void MoveTo(VisitedTable larger)
    {
        for (ulong index = 0; index < _count; index++)
        {
            byte* bucket = _buckets + (index * BucketBytes);
            int header = Close(bucket);
            for (int i = 0; i < (header & CountMask); i++)
            {
                byte* state = bucket + (i * StateBytes);
                larger.Insert(LowOf(state), HighOf(state), NumberOf(state), isShared: false);
            }
        }
    }

    private static int Close(byte* bucket)
    {
        while (true)
        {
            int header = Volatile.Read(ref HeaderOf(bucket));
            if (
                (header & Locked) == 0
                && Interlocked.CompareExchange(ref HeaderOf(bucket), header | Moved, header) == header)
                return header;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLock(byte* bucket, int header) =>
        (header & Locked) == 0 && Interlocked.CompareExchange(ref HeaderOf(bucket), header | Locked, header) == header;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindIn(byte* bucket, int count, ulong low, ulong high)
    {
        for (int i = 0; i < count; i++)
        {
            byte* state = bucket + (i * StateBytes);
            if (LowOf(state) == low && HighOf(state) == high)
                return NumberOf(state);
        }

        return -1;
    }

    private static void Write(byte* bucket, int place, ulong low, ulong high, int number)
    {
        byte* state = bucket + (place * StateBytes);
        Unsafe.WriteUnaligned(state, low);
        Unsafe.WriteUnaligned(state + 8, high);
        Unsafe.WriteUnaligned(state + 16, number);
    }

    // The top bits of the high half have chosen the table; the low half chooses the bucket.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong IndexOf(ulong low) => Math.BigMul(low, _count, out _);

    private static ref int HeaderOf(byte* bucket) => ref Unsafe.AsRef<int>(bucket + HeaderOffset);

    private static ulong LowOf(byte* state) => Unsafe.ReadUnaligned<ulong>(state);

    private static ulong HighOf(byte* state) => Unsafe.ReadUnaligned<ulong>(state + 8);

    private static int NumberOf(byte* state) => Unsafe.ReadUnaligned<int>(state + 16);
}
