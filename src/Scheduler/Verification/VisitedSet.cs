using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kmaplab.Scheduler.Verification;

/// <summary>The states seen so far, each with its number.</summary>
internal interface IVisitedSet
{
    /// <summary>Bytes that the set takes.</summary>
    long Bytes { get; }

    /// <summary>
    /// The number of a state, and whether it is new. <paramref name="state"/> is the whole state, for sets that keep it.
    /// Two threads that bring the same state at once get the same number, and for one of them it is new.
    /// </summary>
    int Add(UInt128 hash, ReadOnlySpan<byte> state, out bool isNew);
}

/// <summary>Keeps 128 bits of hash for each state, in open addressing tables.</summary>
/// <remarks>
/// Cut into many shards that grow on their own, by a quarter each time, so that no growth stops the search for long and the
/// tables stay between two thirds and four fifths full: 20 bytes a slot, about 28 a state.
/// </remarks>
internal sealed class VisitedSet : IVisitedSet
{
    private const int ShardBits = 10;
    private const int SmallestShard = 64;

    private readonly Shard[] _shards = new Shard[1 << ShardBits];
    private readonly bool _isShared;
    private int _count;

    /// <summary>An empty set; <paramref name="isShared"/> if several threads will use it.</summary>
    internal VisitedSet(bool isShared)
    {
        _isShared = isShared;
        // Shards of different sizes grow at different times.
        for (int i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(SmallestShard + (i % SmallestShard));
    }

    public long Bytes => _shards.Sum(shard => shard.Bytes);

    public int Add(UInt128 hash, ReadOnlySpan<byte> state, out bool isNew)
    {
        Shard shard = _shards[(int)(ulong)(hash >> (128 - ShardBits))];
        if (!_isShared)
            return shard.Add((ulong)(hash >> 64), (ulong)hash, ref _count, out isNew);

        lock (shard)
            return shard.Add((ulong)(hash >> 64), (ulong)hash, ref _count, out isNew);
    }

    private sealed class Shard(int capacity)
    {
        private Slot[] _slots = new Slot[capacity];
        private int _used;

        internal long Bytes => _slots.Length * (long)Unsafe.SizeOf<Slot>();

        internal int Add(ulong high, ulong low, ref int count, out bool isNew)
        {
            ref Slot slot = ref Find(_slots, high, low);
            isNew = slot.Number == 0;
            if (!isNew)
                return slot.Number - 1;

            int number = Interlocked.Increment(ref count);
            slot = new Slot(high, low, number);
            if (++_used * 5L > _slots.Length * 4L)
                Grow();

            return number - 1;
        }

        private static ref Slot Find(Slot[] slots, ulong high, ulong low)
        {
            // The top bits of the high half chose the shard; the low half chooses the slot.
            int index = (int)Math.BigMul(low, (ulong)slots.Length, out _);
            while (true)
            {
                ref Slot slot = ref slots[index];
                if (slot.Number == 0 || (slot.Low == low && slot.High == high))
                    return ref slot;

                if (++index == slots.Length)
                    index = 0;
            }
        }

        private void Grow()
        {
            var slots = new Slot[_slots.Length + (_slots.Length / 4)];
            foreach (ref readonly Slot slot in _slots.AsSpan())
            {
                if (slot.Number != 0)
                    Find(slots, slot.High, slot.Low) = slot;
            }

            _slots = slots;
        }
    }

    /// <summary>20 bytes, so that a look-up reads one cache line.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly struct Slot(ulong high, ulong low, int number)
    {
        internal readonly ulong High = high;
        internal readonly ulong Low = low;
        internal readonly int Number = number; // The state's number + 1; 0 is a free slot.
    }
}

/// <summary>Keeps whole states, so that no hash collision can hide one: slow and large, for checking the other set.</summary>
internal sealed class ExactVisitedSet : IVisitedSet
{
    private readonly Dictionary<byte[], int> _numbers = new(new ByContents());
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Lock _lock = new();
    private long _bytes;

    internal ExactVisitedSet() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    public long Bytes => _bytes;

    public int Add(UInt128 hash, ReadOnlySpan<byte> state, out bool isNew)
    {
        lock (_lock)
        {
            isNew = !_lookup.TryGetValue(state, out int number);
            if (isNew)
            {
                number = _numbers.Count;
                _numbers.Add(state.ToArray(), number);
                _bytes += state.Length + 64;
            }

            return number;
        }
    }

    private sealed class ByContents : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)System.IO.Hashing.XxHash3.HashToUInt64(alternate);
    }
}
