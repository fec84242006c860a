using System.Runtime.CompilerServices;
using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>Keeps 97 bits of hash for each state, in open addressing tables.</summary>
/// <remarks>
/// Cut into shards that grow on their own, by a sixteenth each time once they are large, so that no growth stops the
/// search for long and the tables stay about nine tenths full: 16 bytes a place, 17 to 18 a state. Who meets a table
/// that is being moved waits for the larger one; all others go on. The old table is freed when every thread has passed
/// since (epoch-based reclamation, K. Fraser, "Practical lock-freedom", 2004).
/// </remarks>
internal sealed class VisitedSet : IVisitedSet
{
    /// <summary>Parts of the set, in the order of the hashes that they have.</summary>
    internal const int Shards = 1 << ShardBits;

    private const int ShardBits = 4;
    private const int SmallestShard = 192; // Buckets; 12 KiB.
    private const int FewBuckets = 1024;
    private const int SampledBuckets = 1 << 16;
    private const long BucketsInHugePage = PageBlock.HugePage / VisitedTable.BucketBytes;
    private const int Padding = 16; // Longs, so that no two threads write to one cache line.

    private readonly Shard[] _shards = new Shard[1 << ShardBits];
    private readonly bool _isShared;
    private readonly long[] _passes; // Odd while a thread uses the set; changed whenever it passes.
    private readonly List<(VisitedTable Table, long[] Passes)> _retired = [];

    /// <summary>An empty set for as many threads as <paramref name="workers"/>.</summary>
    internal VisitedSet(int workers)
    {
        _isShared = workers > 1;
        _passes = new long[(workers + 1) * Padding];

        // Shards of different sizes grow at different times.
        for (int i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(SmallestShard + (4 * i));
    }

    public long Bytes => _shards.Sum(shard => shard.Table.Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(UInt128 hash) => ShardOf(hash).Table.Prefetch((ulong)hash);

    public int Find(UInt128 hash, ReadOnlySpan<byte> state)
    {
        Shard shard = ShardOf(hash);
        while (true)
        {
            VisitedTable table = shard.Table;
            int number = table.Find((ulong)hash, (ulong)(hash >> 64));
            if (number != -2)
                return number;

            shard.AwaitMove(table);
        }
    }

    public int Insert(UInt128 hash, ReadOnlySpan<byte> state, int number)
    {
        Shard shard = ShardOf(hash);
        while (true)
        {
            VisitedTable table = shard.Table;
            int present = table.Insert((ulong)hash, (ulong)(hash >> 64), number, _isShared);
            if (present == -2)
            {
                shard.AwaitMove(table);
                continue;
            }

            if (present == number && shard.Count((ulong)hash, _isShared) && shard.TryGrow(table))
                Retire(table);

            return present;
        }
    }

    public void Pass(int worker)
    {
        if (_isShared)
            Interlocked.Exchange(ref _passes[worker * Padding], (_passes[worker * Padding] | 1) + 2);
    }

    public void Leave(int worker)
    {
        if (_isShared)
            Interlocked.Exchange(ref _passes[worker * Padding], (_passes[worker * Padding] | 1) + 1);
    }

    /// <summary>Copies the states of a part with numbers from <paramref name="first"/> on; yields how many.</summary>
    internal int Copy(int shard, int first, ref VisitedEntry[] target) =>
        _shards[shard].Table.Copy(first, ref target);

    /// <summary>Gives a state that is there another number; nobody uses the set meanwhile.</summary>
    internal void Renumber(in VisitedEntry entry, int number) =>
        _shards[(int)(entry.High >> (64 - ShardBits))].Table.Renumber(entry, number);

    /// <summary>Forgets all states; nobody uses the set meanwhile.</summary>
    internal void Clear()
    {
        foreach ((VisitedTable table, _) in _retired)
            table.Dispose();

        _retired.Clear();
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i].Dispose();
            _shards[i] = new Shard(SmallestShard + (4 * i));
        }
    }

    /// <summary>Writes the set; nobody uses it meanwhile.</summary>
    internal void Save(BinaryWriter writer)
    {
        foreach (Shard shard in _shards)
        {
            writer.Write(shard.Table.Buckets);
            shard.Table.Save(writer);
        }
    }

    /// <summary>Reads what was written, in the place of an empty set; yields how many states it has.</summary>
    internal long Load(BinaryReader reader) => _shards.Sum(shard => shard.Load(reader));

    public void Dispose()
    {
        foreach (Shard shard in _shards)
            shard.Dispose();

        foreach ((VisitedTable table, _) in _retired)
            table.Dispose();
    }

    private Shard ShardOf(UInt128 hash) => _shards[(int)((ulong)(hash >> 64) >> (64 - ShardBits))];

    private void Retire(VisitedTable table)
    {
        if (!_isShared)
        {
            table.Dispose();
            return;
        }

        lock (_retired)
        {
            _retired.RemoveAll(TryFree);
            Interlocked.MemoryBarrier();
            _retired.Add((table, [.. _passes]));
        }
    }

    private bool TryFree((VisitedTable Table, long[] Passes) retired)
    {
        for (int i = 0; i < _passes.Length; i += Padding)
        {
            bool wasInside = (retired.Passes[i] & 1) != 0;
            if (wasInside && Volatile.Read(ref _passes[i]) == retired.Passes[i])
                return false;
        }

        retired.Table.Dispose();
        return true;
    }

    private sealed class Shard(int buckets) : IDisposable
    {
        private readonly Lock _growing = new();
        private VisitedTable _table = new(buckets);
        private long _states;
        private long _statesMax = StatesMax(buckets);

        internal VisitedTable Table => Volatile.Read(ref _table);

        public void Dispose() => _table.Dispose();

        /// <summary>Counts a new state; true if the table is too full now.</summary>
        /// <remarks>
        /// Of a large table one state in 16 counts for all, as threads that write to the same word wait for each other.
        /// </remarks>
        internal bool Count(ulong low, bool isShared)
        {
            if (!isShared)
                return ++_states > _statesMax;

            long states = _table.Buckets < SampledBuckets ? 1 : 16;
            return (low & (ulong)(states - 1)) == 0
                && Interlocked.Add(ref _states, states) > Volatile.Read(ref _statesMax);
        }

        /// <summary>Replaces <paramref name="full"/> by a larger table, unless somebody else has.</summary>
        internal bool TryGrow(VisitedTable full)
        {
            lock (_growing)
            {
                if (_table != full)
                    return false;

                long buckets = Larger(full.Buckets);
                var larger = new VisitedTable(buckets);
                full.MoveTo(larger);
                Volatile.Write(ref _statesMax, StatesMax(buckets));
                Volatile.Write(ref _table, larger);
                return true;
            }
        }

        internal long Load(BinaryReader reader)
        {
            long buckets = reader.ReadInt64();
            _table.Dispose();
            _table = new VisitedTable(buckets);
            _statesMax = StatesMax(buckets);
            _states = _table.Load(reader);
            return _states;
        }

        internal void AwaitMove(VisitedTable moved)
        {
            lock (_growing)
            {
                if (_table == moved)
                    throw new InvalidOperationException("a table has moved, and there is none in its place");
            }
        }

        private static long Larger(long buckets)
        {
            if (buckets < BucketsInHugePage)
                return buckets + (buckets / (buckets < FewBuckets ? 4 : 16));

            long hugePages = (buckets + (buckets / 16) + BucketsInHugePage - 1) / BucketsInHugePage;
            return hugePages * BucketsInHugePage;
        }

        private static long StatesMax(long buckets) => buckets * VisitedTable.BucketStates * 15 / 16;
    }
}
