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
/// Cut into many shards that grow on their own, by a half each time, so that no growth stops the search for long and the
/// tables stay between half and four fifths full: 20 bytes a slot, about 30 a state.
/// </remarks>
internal sealed class VisitedSet : IVisitedSet
{
    private const int ShardBits = 10;
    private const int SmallestShard = 64;

    private readonly Shard[] _shards = new Shard[1 << ShardBits];
    private int _count;

    internal VisitedSet()
    {
        // Shards of different sizes grow at different times.
        for (int i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(SmallestShard + (i % SmallestShard));
    }

    public long Bytes => _shards.Sum(shard => shard.Bytes);

    public int Add(UInt128 hash, ReadOnlySpan<byte> state, out bool isNew)
    {
        Shard shard = _shards[(int)(ulong)(hash >> (128 - ShardBits))];
        lock (shard)
            return shard.Add((ulong)(hash >> 64), (ulong)hash, ref _count, out isNew);
    }

    private sealed class Shard(int capacity)
    {
        private Key[] _keys = new Key[capacity];
        private int[] _numbers = new int[capacity]; // The state's number + 1; 0 is a free slot.
        private int _used;

        internal long Bytes => _keys.Length * (16L + sizeof(int));

        internal int Add(ulong high, ulong low, ref int count, out bool isNew)
        {
            int slot = Find(_keys, _numbers, high, low);
            if (_numbers[slot] != 0)
            {
                isNew = false;
                return _numbers[slot] - 1;
            }

            isNew = true;
            int number = Interlocked.Increment(ref count);
            _keys[slot] = new Key(high, low);
            _numbers[slot] = number;
            if (++_used * 5 > _keys.Length * 4)
                Grow();

            return number - 1;
        }

        private static int Find(Key[] keys, int[] numbers, ulong high, ulong low)
        {
            // The top bits chose the shard, so the low half chooses the slot.
            int slot = (int)Math.BigMul(low, (ulong)keys.Length, out _);
            while (numbers[slot] != 0 && (keys[slot].Low != low || keys[slot].High != high))
            {
                if (++slot == keys.Length)
                    slot = 0;
            }

            return slot;
        }

        private void Grow()
        {
            int capacity = _keys.Length + (_keys.Length / 2);
            var keys = new Key[capacity];
            int[] numbers = new int[capacity];
            for (int i = 0; i < _keys.Length; i++)
            {
                if (_numbers[i] == 0)
                    continue;

                int slot = Find(keys, numbers, _keys[i].High, _keys[i].Low);
                keys[slot] = _keys[i];
                numbers[slot] = _numbers[i];
            }

            _keys = keys;
            _numbers = numbers;
        }
    }

    private readonly record struct Key(ulong High, ulong Low);
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
