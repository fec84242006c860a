using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Simulation.Readiness;

/// <summary>A set of tasks, a bit for each, that knows how many it has.</summary>
/// <remarks>Bits are counted by the block, so that nobody has to look at blocks without any.</remarks>
internal sealed class TaskSet
{
    internal const int WordBits = 64;
    internal const int BlockWords = 16;

    private readonly ulong[] _words;
    private readonly int[] _counts; // Of each block.

    /// <summary>An empty set of at most so many tasks.</summary>
    internal TaskSet(int tasks)
    {
        int blocks = (tasks + (BlockWords * WordBits) - 1) / (BlockWords * WordBits);
        _words = new ulong[blocks * BlockWords];
        _counts = new int[blocks];
    }

    /// <summary>The number of tasks.</summary>
    internal int Count { get; private set; }

    internal bool Contains(int task) => (_words[task / WordBits] >> (task % WordBits) & 1) != 0;

    /// <summary>Adds a task or removes it.</summary>
    internal void Set(int task, bool isIn)
    {
        ref ulong word = ref _words[task / WordBits];
        int before = (int)(word >> (task % WordBits) & 1);
        int after = isIn ? 1 : 0;
        word ^= (ulong)(before ^ after) << (task % WordBits);
        _counts[task / (BlockWords * WordBits)] += after - before;
        Count += after - before;
    }

    /// <summary>The words that it has, of which each block has <see cref="BlockWords"/>.</summary>
    internal int Words => _words.Length;

    /// <summary>How many tasks there are in a block.</summary>
    internal int CountIn(int block) => _counts[block];

    /// <summary>The bits of a word.</summary>
    internal ulong WordAt(int index) => _words[index];

    /// <summary>
    /// The task before which there are so many in two sets that do not meet; <paramref name="isOne"/> if they are the
    /// same one.
    /// </summary>
    internal static int AtInBoth(TaskSet one, TaskSet other, bool isOne, int number)
    {
        int[] counts = one._counts;
        int[] otherCounts = other._counts;
        int shift = isOne ? 1 : 0; // Of what is counted twice.
        int block = 0;
        for (int here; number >= (here = (counts[block] + otherCounts[block]) >> shift); block++)
            number -= here;

        ReadOnlySpan<ulong> words = one._words.AsSpan(block * BlockWords, BlockWords);
        ReadOnlySpan<ulong> otherWords = other._words.AsSpan(block * BlockWords, BlockWords);
        int word = 0;
        for (int here; number >= (here = BitOperations.PopCount(words[word] | otherWords[word])); word++)
            number -= here;

        return (((block * BlockWords) + word) * WordBits) + BitAt(words[word] | otherWords[word], number);
    }

    /// <summary>The tasks in their order; the one that was met last may be removed on the way.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The bit of a word before which there are so many.</summary>
    internal static int BitAt(ulong word, int number)
    {
        if (Bmi2.X64.IsSupported)
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << number, word));

        for (; number > 0; number--)
            word &= word - 1;

        return BitOperations.TrailingZeroCount(word);
    }

    internal ref struct Enumerator(TaskSet set)
    {
        private int _word = -1;
        private ulong _left;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_left == 0)
            {
                if (++_word == set._words.Length)
                    return false;

                if (_word % BlockWords == 0 && set._counts[_word / BlockWords] == 0)
                    _word += BlockWords - 1;
                else
                    _left = set._words[_word];
            }

            Current = (_word * WordBits) + BitOperations.TrailingZeroCount(_left);
            _left &= _left - 1;
            return true;
        }
    }
}
