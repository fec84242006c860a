using System.Threading;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>
/// Gives every renaming of contexts that a search applies a number, by what it does and not by a hash of it.
/// </summary>
internal sealed class Renamings
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int[][] _renamings;

    /// <summary>Number 0 is the one that renames nobody.</summary>
    internal Renamings(int contexts)
    {
        int[] identity = [.. Enumerable.Range(0, contexts)];
        _renamings = [identity];
        _numbers.Add(KeyOf(identity), 0);
    }

    /// <summary>The number of a renaming: the new name of each context.</summary>
    internal int NumberOf(ReadOnlySpan<int> names)
    {
        string key = KeyOf(names);
        lock (_lock)
        {
            if (_numbers.TryGetValue(key, out int number))
                return number;

            number = _renamings.Length;
            Volatile.Write(ref _renamings, [.. _renamings, names.ToArray()]);
            _numbers.Add(key, number);
            return number;
        }
    }

    /// <summary>Writes all of them, in the order of their numbers.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_renamings.Length);
        foreach (int[] names in _renamings)
        {
            foreach (int name in names)
                writer.Write(name);
        }
    }

    /// <summary>Reads what was written, so that each has the number that it had.</summary>
    internal void Load(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        for (int number = 0; number < count; number++)
        {
            int[] names = [.. _renamings[0].Select(_ => reader.ReadInt32())];
            if (NumberOf(names) != number)
                throw new InvalidDataException("a renaming has got another number");
        }
    }

    /// <summary>What a context is called after a renaming.</summary>
    internal int After(int number, int context) => Volatile.Read(ref _renamings)[number][context];

    /// <summary>Of the contexts that a mask names after a renaming, those that it named before.</summary>
    internal ulong Before(int number, ulong mask)
    {
        if (number == 0)
            return mask;

        int[] names = Volatile.Read(ref _renamings)[number];
        ulong before = 0;
        for (int context = 0; context < names.Length; context++)
            before |= ((mask >> names[context]) & 1) << context;

        return before;
    }

    private static string KeyOf(ReadOnlySpan<int> names) =>
        string.Create(names.Length, names, static (key, names) =>
        {
            for (int i = 0; i < key.Length; i++)
                key[i] = (char)names[i];
        });
}

/// <summary>What one thread knows of the <see cref="Renamings"/>, so that it seldom has to ask.</summary>
internal sealed class RenamingCache(Renamings renamings)
{
    private int[] _numbers = []; // By the thread's own number; 0 for those that are not known yet.

    /// <summary>The number of a renaming to which this thread has given a number of its own.</summary>
    internal int NumberOf(int own, ReadOnlySpan<int> names)
    {
        if (own >= _numbers.Length)
            Array.Resize(ref _numbers, Math.Max(own + 1, _numbers.Length * 2));

        if (_numbers[own] == 0)
            _numbers[own] = renamings.NumberOf(names);

        return _numbers[own];
    }
}
