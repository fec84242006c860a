using System.Numerics;

namespace Kmaplab.Scheduler.Simulation.Readiness;

/// <summary>
/// Sets of tasks that do not meet, as one: a set of thousands joins it, or is left out, without a look at its tasks.
/// </summary>
internal sealed class TaskUnion
{
    private TaskSet[] _parts = new TaskSet[4];
    private int _count;

    /// <summary>The number of tasks.</summary>
    internal int Count { get; private set; }

    /// <summary>It is this set alone, until others are added.</summary>
    internal void Begin(TaskSet first)
    {
        _parts[0] = first;
        _count = 1;
        Count = first.Count;
    }

    /// <summary>Adds a set that has no task of the others.</summary>
    internal void Add(TaskSet part)
    {
        if (_count == _parts.Length)
            Array.Resize(ref _parts, _count * 2);

        _parts[_count++] = part;
        Count += part.Count;
    }

    /// <summary>The task before which there are so many.</summary>
    internal int At(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        if (_count <= 2)
            return TaskSet.AtInBoth(_parts[0], _parts[_count - 1], isOne: _count == 1, number);

        ReadOnlySpan<TaskSet> parts = _parts.AsSpan(0, _count);
        int block = 0;
        for (int here = CountIn(parts, block); number >= here; here = CountIn(parts, ++block))
            number -= here;

        int index = block * TaskSet.BlockWords;
        ulong word = WordAt(parts, index);
        for (int here = BitOperations.PopCount(word); number >= here; here = BitOperations.PopCount(word))
        {
            number -= here;
            word = WordAt(parts, ++index);
        }

        return (index * TaskSet.WordBits) + TaskSet.BitAt(word, number);
    }

    /// <summary>The tasks in their order; the one that was met last may be removed on the way.</summary>
    public Enumerator GetEnumerator() => new(_parts.AsSpan(0, _count));

    private static int CountIn(ReadOnlySpan<TaskSet> parts, int block)
    {
        int count = 0;
        foreach (TaskSet part in parts)
            count += part.CountIn(block);

        return count;
    }

    private static ulong WordAt(ReadOnlySpan<TaskSet> parts, int index)
    {
        ulong word = 0;
        foreach (TaskSet part in parts)
            word |= part.WordAt(index);

        return word;
    }

    internal ref struct Enumerator(ReadOnlySpan<TaskSet> parts)
    {
        private readonly ReadOnlySpan<TaskSet> _parts = parts;
        private int _word = -1;
        private ulong _left;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_left == 0)
            {
                if (++_word == _parts[0].Words)
                    return false;

                if (_word % TaskSet.BlockWords == 0 && CountIn(_parts, _word / TaskSet.BlockWords) == 0)
                    _word += TaskSet.BlockWords - 1;
                else
                    _left = WordAt(_parts, _word);
            }

            Current = (_word * TaskSet.WordBits) + BitOperations.TrailingZeroCount(_left);
            _left &= _left - 1;
            return true;
        }
    }
}
