namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// The states for which there is no place in memory: sorted files, which are merged when there are many.
/// </summary>
/// <remarks>
/// Duplicates are noticed late (U. Stern and D. Dill, "Using Magnetic Disk instead of Main Memory in the Murphi
/// Verifier", 1998): a state that is not in memory counts as new at first, and at the end of the level all that are are
/// looked up here, in the order of their hashes, so that each file is gone through once. No thread searches meanwhile.
/// </remarks>
internal sealed class VisitedRuns : IDisposable
{
    private const int RunsMax = 8;

    private List<VisitedRun> _runs = [];
    private VisitedEntry[] _entries = [];
    private ulong[] _highs = [];

    /// <summary>Some states are here.</summary>
    internal bool HasAny => _runs.Count > 0;

    /// <summary>Bytes in memory.</summary>
    internal long Bytes => _runs.Sum(run => run.Bytes);

    /// <summary>The number of a state; -1 if it is not here.</summary>
    internal int Find(UInt128 hash)
    {
        UInt128 key = VisitedEntry.Of(hash).Key;
        foreach (VisitedRun run in _runs)
        {
            if (run.Find(key) is >= 0 and int number)
                return number;
        }

        return -1;
    }

    /// <summary>
    /// Looks up all states in memory with numbers from <paramref name="first"/> on, and gives those that are here the
    /// numbers that they have here; tells both numbers.
    /// </summary>
    internal void FindKnown(VisitedSet memory, int first, Action<int, int> known)
    {
        for (int shard = 0; shard < VisitedSet.Shards && HasAny; shard++)
        {
            foreach (ref readonly VisitedEntry entry in Sorted(memory, shard, first))
            {
                foreach (VisitedRun run in _runs)
                {
                    int number = run.Find(entry.Key);
                    if (number < 0)
                        continue;

                    if (number != entry.Number)
                    {
                        memory.Renumber(entry, number);
                        known(entry.Number, number);
                    }

                    break;
                }
            }
        }
    }

    /// <summary>
    /// Takes over all states that are in memory, which is empty then; false if the disk has no room for them, and then
    /// nothing has changed.
    /// </summary>
    internal bool TryTake(VisitedSet memory, SpillDisk disk)
    {
        if (!TryCreate(disk, out VisitedRun? run))
            return false;

        if (!TryWrite(memory, run!))
        {
            run!.Dispose();
            return false;
        }

        _runs.Add(run!);
        memory.Clear();
        (_entries, _highs) = ([], []);
        return _runs.Count < RunsMax || TryMerge(disk);
    }

    public void Dispose()
    {
        foreach (VisitedRun run in _runs)
            run.Dispose();

        _runs.Clear();
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(_runs.Count);
        foreach (VisitedRun run in _runs)
        {
            writer.Write(run.Count);
            for (long i = 0; i < run.Count; i++)
            {
                VisitedEntry entry = run[i];
                writer.Write(entry.High);
                writer.Write(entry.Middle);
                writer.Write(entry.Numbered);
            }
        }
    }

    /// <summary>Reads what was written; false if the disk has no room for it.</summary>
    internal bool TryLoad(BinaryReader reader, SpillDisk disk)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            if (!TryCreate(disk, out VisitedRun? run))
                return false;

            _runs.Add(run!);
            for (long entries = reader.ReadInt64(); entries > 0; entries--)
            {
                if (!run!.TryAdd(new VisitedEntry(reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadUInt32())))
                    return false;
            }

            if (!run!.TryEnd())
                return false;
        }

        return true;
    }

    private bool TryWrite(VisitedSet memory, VisitedRun run)
    {
        for (int shard = 0; shard < VisitedSet.Shards; shard++)
        {
            foreach (ref readonly VisitedEntry entry in Sorted(memory, shard, first: 0))
            {
                if (!run.TryAdd(entry))
                    return false;
            }
        }

        return run.TryEnd();
    }

    private bool TryMerge(SpillDisk disk)
    {
        if (!TryCreate(disk, out VisitedRun? merged))
            return false;

        if (!TryMergeInto(merged!))
        {
            merged!.Dispose();
            return false;
        }

        Dispose();
        _runs = [merged!];
        return true;
    }

    // A state may be in several of them, under one number.
    private bool TryMergeInto(VisitedRun merged)
    {
        var next = new PriorityQueue<int, UInt128>();
        long[] places = new long[_runs.Count];
        for (int run = 0; run < _runs.Count; run++)
            next.Enqueue(run, _runs[run][0].Key);

        UInt128? last = null;
        while (next.TryDequeue(out int run, out UInt128 key))
        {
            if (key != last && !merged.TryAdd(_runs[run][places[run]]))
                return false;

            last = key;
            if (++places[run] < _runs[run].Count)
                next.Enqueue(run, _runs[run][places[run]].Key);
        }

        return merged.TryEnd();
    }

    private static bool TryCreate(SpillDisk disk, out VisitedRun? run)
    {
        try
        {
            run = new VisitedRun(disk);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            disk.Fail($"the states that were visited cannot go to disk: {exception.Message.TrimEnd('.')}");
            run = null;
            return false;
        }
    }

    private ReadOnlySpan<VisitedEntry> Sorted(VisitedSet memory, int shard, int first)
    {
        int count = memory.Copy(shard, first, ref _entries);
        if (_highs.Length < count)
            _highs = new ulong[_entries.Length];

        for (int i = 0; i < count; i++)
            _highs[i] = _entries[i].High;

        Array.Sort(_highs, _entries, 0, count);
        for (int i = 1; i < count; i++)
        {
            // Two of 64 bits alike are very rare, and not in order yet.
            for (int at = i; at > 0 && _entries[at - 1].Key > _entries[at].Key; at--)
                (_entries[at - 1], _entries[at]) = (_entries[at], _entries[at - 1]);
        }

        return _entries.AsSpan(0, count);
    }
}
