using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// One open addressing table of a <see cref="VisitedSet"/>: buckets of one cache line, each with four states.
/// </summary>
/// <remarks>
/// <para>
/// Of a hash's 128 bits the lowest 31 are left out: they are what makes the bound on collisions one in 2^97 and not in
/// 2^128 (<see cref="States.StateHasher"/>), so the bound stays the same without them. A bucket is chosen by some of
/// the bits that are kept, so a larger table can be made from a smaller one.
/// </para>
/// <para>
/// Places of a bucket are taken from the first on, and one that is taken is never changed nor given up. Who adds claims
/// the first free place by its number, writes the hash, and then the number: nobody looks past a place that is claimed,
/// so nobody adds a state twice. When the table has been moved into a larger one, the first free place of each bucket
/// says so.
/// </para>
/// </remarks>
internal sealed unsafe class VisitedTable : IDisposable
{
    /// <summary>States in a bucket.</summary>
    internal const int BucketStates = 4;

    /// <summary>Bytes of a bucket: a cache line.</summary>
    internal const int BucketBytes = 64;

    /// <summary>No state has this number or a larger one.</summary>
    internal const int NumbersEnd = int.MaxValue - 2;

    private const int StateBytes = 16; // High half of the hash, upper half of the low half, number and bit 31.
    private const uint BitMask = 1u << 31;
    private const uint Free = 0; // In the place of the number + 1.
    private const uint Claimed = int.MaxValue;
    private const uint Moved = Claimed - 1;

    private readonly PageBlock _block;
    private readonly byte* _buckets;
    private readonly ulong _count;

    internal VisitedTable(long buckets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buckets, uint.MaxValue);
        _block = new PageBlock(buckets * BucketBytes);
        _buckets = _block.Start;
        _count = (ulong)buckets;
    }

    internal long Buckets => (long)_count;

    internal long Bytes => _block.Bytes;

    public void Dispose() => _block.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(ulong low) => CacheLines.Prefetch(ref _buckets[IndexOf((uint)(low >> 32)) * BucketBytes]);

    /// <summary>A state's number; -1 if it is not there, -2 if the table has moved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(ulong low, ulong high)
    {
        var middle = (uint)(low >> 32);
        uint bit = (uint)low & BitMask;
        ulong index = IndexOf(middle);
        while (true)
        {
            byte* state = _buckets + (index * BucketBytes);
            for (int i = 0; i < BucketStates; i++, state += StateBytes)
            {
                uint number = NumberAt(state);
                if (number == Free)
                    return -1;

                if (number == Moved)
                    return -2;

                if (IsAt(state, high, middle) && (number & BitMask) == bit)
                    return (int)(number & ~BitMask) - 1;
            }

            if (++index == _count)
                index = 0;
        }
    }

    /// <summary>
    /// Adds a state, and yields its number; that of the same state if that is there by now; -2 if the table has moved.
    /// </summary>
    internal int Insert(ulong low, ulong high, int number, bool isShared)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, NumbersEnd);
        var middle = (uint)(low >> 32);
        uint bit = (uint)low & BitMask;
        return Insert(high, middle, (uint)(number + 1) | bit, isShared);
    }

    /// <summary>
    /// Copies all states into a table that nobody else knows yet; from now on nobody adds to this one.
    /// </summary>
    internal void MoveTo(VisitedTable larger)
    {
        for (ulong index = 0; index < _count; index++)
        {
            byte* state = _buckets + (index * BucketBytes);
            for (int i = 0; i < BucketStates && !TryClose(state); i++, state += StateBytes)
            {
                uint numbered = NumberAt(state); // First, as until it is there the hash need not be.
                larger.Insert(HighOf(state), MiddleOf(state), numbered, isShared: false);
            }
        }
    }

    /// <summary>
    /// Copies the states with numbers from <paramref name="first"/> on; nobody adds any meanwhile. Yields how many.
    /// </summary>
    internal int Copy(int first, ref VisitedEntry[] target)
    {
        int count = 0;
        for (ulong i = 0; i < _count * BucketStates; i++)
        {
            var entry = Unsafe.ReadUnaligned<VisitedEntry>(_buckets + (i * StateBytes));
            if (entry.Number < first) // A free place has number -1.
                continue;

            if (count == target.Length)
                Array.Resize(ref target, Math.Max(1024, count * 2));

            target[count++] = entry;
        }

        return count;
    }

    /// <summary>Gives a state that is there another number; nobody uses the table meanwhile.</summary>
    internal void Renumber(in VisitedEntry entry, int number)
    {
        ulong index = IndexOf(entry.Middle);
        while (true)
        {
            byte* state = _buckets + (index * BucketBytes);
            for (int i = 0; i < BucketStates; i++, state += StateBytes)
            {
                if (Unsafe.ReadUnaligned<VisitedEntry>(state) != entry)
                    continue;

                NumberOf(state) = entry.WithNumber(number).Numbered;
                return;
            }

            if (++index == _count)
                index = 0;
        }
    }

    /// <summary>Writes the table; nobody uses it meanwhile.</summary>
    internal void Save(BinaryWriter writer) => _block.Save(writer);

    /// <summary>Reads what was written of a table of the same size; yields how many states it has.</summary>
    internal long Load(BinaryReader reader)
    {
        _block.Load(reader);
        long states = 0;
        for (ulong i = 0; i < _count * BucketStates; i++)
            states += NumberOf(_buckets + (i * StateBytes)) == Free ? 0 : 1;

        return states;
    }

    // What is put into the place of the number: the number + 1, and bit 31 of the hash.
    private int Insert(ulong high, uint middle, uint numbered, bool isShared)
    {
        ulong index = IndexOf(middle);
        while (true)
        {
            byte* state = _buckets + (index * BucketBytes);
            for (int i = 0; i < BucketStates; i++, state += StateBytes)
            {
                if (NumberAt(state) == Free && TryClaim(state, isShared))
                {
                    Unsafe.WriteUnaligned(state, high);
                    Unsafe.WriteUnaligned(state + 8, middle);
                    Volatile.Write(ref NumberOf(state), numbered);
                    return (int)(numbered & ~BitMask) - 1;
                }

                uint there = NumberAt(state); // Again, as somebody else may have claimed it.
                if (there == Moved)
                    return -2;

                if (IsAt(state, high, middle) && ((there ^ numbered) & BitMask) == 0)
                    return (int)(there & ~BitMask) - 1;
            }

            if (++index == _count)
                index = 0;
        }
    }

    private static bool TryClaim(byte* state, bool isShared) =>
        !isShared || Interlocked.CompareExchange(ref NumberOf(state), Claimed, Free) == Free;

    // From then on nobody can take the place, nor any behind it.
    private static bool TryClose(byte* state) =>
        NumberAt(state) == Free && Interlocked.CompareExchange(ref NumberOf(state), Moved, Free) == Free;

    /// <summary>What is in the place of the number, once whoever has claimed it has written there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NumberAt(byte* state)
    {
        uint number = Volatile.Read(ref NumberOf(state));
        return number == Claimed ? Await(state) : number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Await(byte* state)
    {
        var spin = default(SpinWait);
        while (true)
        {
            uint number = Volatile.Read(ref NumberOf(state));
            if (number != Claimed)
                return number;

            spin.SpinOnce();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAt(byte* state, ulong high, uint middle) =>
        HighOf(state) == high && MiddleOf(state) == middle;

    // The top bits of the high half have chosen the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong IndexOf(uint middle) => (middle * _count) >> 32;

    private static ulong HighOf(byte* state) => Unsafe.ReadUnaligned<ulong>(state);

    private static uint MiddleOf(byte* state) => Unsafe.ReadUnaligned<uint>(state + 8);

    private static ref uint NumberOf(byte* state) => ref Unsafe.AsRef<uint>(state + 12);
}
