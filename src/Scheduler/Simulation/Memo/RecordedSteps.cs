using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Steps as data: what each has read, and what it has done.</summary>
/// <remarks>
/// A step reads and writes nearly all words of its own context's row, so those are two vectors with masks; everything
/// else is pairs of address and value. What a step has read in which order is only asked for when another one is added,
/// so it is kept apart.
/// </remarks>
internal sealed class RecordedSteps
{
    /// <summary>A step that touches more words is not kept.</summary>
    internal const int TouchesMax = 4096;

    /// <summary>Two steps have numbers that are at least so far apart.</summary>
    internal const int NumbersBetween = 16;

    // The ints of a step: how many guards and writes, its masks, its outcome, where its reads are, then row and pairs.
    private const int CountsInt = 0;
    private const int MasksInt = 1;
    private const int StackInt = 2;
    private const int ProgressInt = 3;
    private const int DoneInt = 4;
    private const int ReadsInt = 5;
    private const int EntriesInt = 6;
    private const int RowGuardInts = 7;
    private const int RowWriteInts = RowGuardInts + TaskTable.Stride;
    private const int HeaderInts = RowWriteInts + TaskTable.Stride;

    private int[] _ints = new int[1024];
    private int[] _reads = new int[1024]; // For each step their number, and then address, value, address, value ...
    private readonly List<int[]> _entries = [];
    private int _used = 1; // No step has number 0.
    private int _readsUsed;

    /// <summary>The number of steps.</summary>
    internal int Count { get; private set; }

    internal long Bytes => ((long)_ints.Length + _reads.Length) * sizeof(int);

    /// <summary>Whether all that a step of a context has read is so now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Holds(int step, int context, int[] memory)
    {
        // The addresses were logged, so they lie in memory.
        ref int words = ref MemoryMarshal.GetArrayDataReference(memory);
        ref int at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ints), step);
        Vector256<int> row = Vector256.LoadUnsafe(ref Unsafe.Add(ref words, context * TaskTable.Stride));
        Vector256<int> expected = Vector256.LoadUnsafe(ref Unsafe.Add(ref at, RowGuardInts));
        uint same = Vector256.Equals(row, expected).ExtractMostSignificantBits();
        int differences = Unsafe.Add(ref at, MasksInt) & 0xFF & (int)~same;
        int guards = at & 0xFFFF;
        at = ref Unsafe.Add(ref at, HeaderInts);
        for (; guards > 0; guards--)
        {
            differences |= Unsafe.Add(ref words, at) ^ Unsafe.Add(ref at, 1);
            at = ref Unsafe.Add(ref at, 2);
        }

        return differences == 0;
    }

    /// <summary>Has the processor fetch what most steps consist of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int step)
    {
        const int Line = 64 / sizeof(int);
        ref int start = ref _ints[step];
        CacheLines.Prefetch(ref start);
        CacheLines.Prefetch(ref Unsafe.Add(ref start, Line));
        CacheLines.Prefetch(ref Unsafe.Add(ref start, 2 * Line));
    }

    /// <summary>Writes what a step of a context writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Write(int step, int context, int[] memory)
    {
        ref int words = ref MemoryMarshal.GetArrayDataReference(memory);
        ref int at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ints), step);
        ref int row = ref Unsafe.Add(ref words, context * TaskTable.Stride);
        Vector256<int> bits = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        Vector256<int> mask = Vector256.Equals(Vector256.Create(Unsafe.Add(ref at, MasksInt) >> 8) & bits, bits);
        Vector256.ConditionalSelect(
            mask,
            Vector256.LoadUnsafe(ref Unsafe.Add(ref at, RowWriteInts)),
            Vector256.LoadUnsafe(ref row)).StoreUnsafe(ref row);
        int counts = at;
        at = ref Unsafe.Add(ref at, HeaderInts + (2 * (counts & 0xFFFF)));
        for (int writes = counts >>> 16; writes > 0; writes--)
        {
            Unsafe.Add(ref words, at) = Unsafe.Add(ref at, 1);
            at = ref Unsafe.Add(ref at, 2);
        }
    }

    /// <summary>
    /// The words that a step of a context would change in <paramref name="memory"/>, and what they would be then;
    /// yields how many. Nothing is written there.
    /// </summary>
    internal int Changes(int step, int context, int[] memory, Span<int> words, Span<int> values)
    {
        int changes = 0;
        int first = context * TaskTable.Stride;
        int mask = _ints[step + MasksInt] >> TaskTable.Stride;
        for (int word = 0; mask != 0; word++, mask >>= 1)
        {
            if ((mask & 1) != 0)
                changes = Change(first + word, _ints[step + RowWriteInts + word], changes, memory, words, values);
        }

        int counts = _ints[step];
        int at = step + HeaderInts + (2 * (counts & 0xFFFF));
        for (int writes = counts >>> 16; writes > 0; writes--, at += 2)
            changes = Change(_ints[at], _ints[at + 1], changes, memory, words, values);

        return changes;
    }

    /// <summary>
    /// All words that a step of a context writes, whatever they were, and what they are then; yields how many.
    /// </summary>
    internal int Writes(int step, int context, Span<int> words, Span<int> values)
    {
        int count = 0;
        int first = context * TaskTable.Stride;
        int mask = _ints[step + MasksInt] >> TaskTable.Stride;
        for (int word = 0; mask != 0; word++, mask >>= 1)
        {
            if ((mask & 1) != 0)
                (words[count], values[count++]) = (first + word, _ints[step + RowWriteInts + word]);
        }

        int counts = _ints[step];
        int at = step + HeaderInts + (2 * (counts & 0xFFFF));
        for (int writes = counts >>> 16; writes > 0; writes--, at += 2)
            (words[count], values[count++]) = (_ints[at], _ints[at + 1]);

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Change(int word, int value, int changes, int[] memory, Span<int> words, Span<int> values)
    {
        if (memory[word] == value)
            return changes;

        (words[changes], values[changes]) = (word, value);
        return changes + 1;
    }

    /// <summary>What a step has done besides writing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal StepOutcome OutcomeOf(int step) =>
        new(_ints[step + StackInt], _ints[step + ProgressInt], _ints[step + DoneInt]);

    /// <summary>The page table entries that a step writes, by page, if somebody wants to know; null for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int[]? EntriesOf(int step)
    {
        int entries = _ints[step + EntriesInt];
        return entries == 0 ? null : _entries[entries - 1];
    }

    /// <summary>Keeps them.</summary>
    internal void SetEntries(int step, IReadOnlyList<int> pages)
    {
        if (pages.Count == 0)
            return;

        _entries.Add([.. pages]);
        _ints[step + EntriesInt] = _entries.Count;
    }

    /// <summary>The number of words that a step has read.</summary>
    internal int Reads(int step) => _reads[_ints[step + ReadsInt]];

    /// <summary>A word that a step has read, counted from the first, and what it was.</summary>
    internal (int Address, int Value) ReadAt(int step, int index)
    {
        int at = _ints[step + ReadsInt] + 1 + (2 * index);
        return (_reads[at], _reads[at + 1]);
    }

    /// <summary>The first read at which two steps of one stack have seen different values.</summary>
    /// <exception cref="StepMemoException">There is none, or they have not read the same words up to there.</exception>
    internal int FirstDifference(int step, int other)
    {
        int common = Math.Min(Reads(step), Reads(other));
        for (int i = 0; i < common; i++)
        {
            (int address, int value) = ReadAt(step, i);
            (int otherAddress, int otherValue) = ReadAt(other, i);
            if (address != otherAddress)
                throw StepMemoException.Unlogged(address, otherAddress);

            if (value != otherValue)
                return i;
        }

        throw StepMemoException.Unlogged(ReadAt(step, common - 1).Address, ReadAt(other, common - 1).Address);
    }

    /// <summary>Adds the step of a context that was just recorded; yields its number.</summary>
    internal int Add(int context, TouchLog log, int[] memory, in StepOutcome outcome)
    {
        int step = _used;
        Reserve(ref _ints, _used + HeaderInts + (4 * log.Count));
        Reserve(ref _reads, _readsUsed + 1 + (2 * log.Count));
        _ints[step + StackInt] = outcome.Stack;
        _ints[step + ProgressInt] = outcome.Progress;
        _ints[step + DoneInt] = outcome.Counts;
        _ints[step + ReadsInt] = _readsUsed;
        _used += HeaderInts;
        int guards = AddReads(step, context, log);
        int writes = AddWrites(step, context, log, memory);
        _ints[step + CountsInt] = guards | (writes << 16);
        Count++;
        return step;
    }

    private int AddReads(int step, int context, TouchLog log)
    {
        int guards = 0;
        int start = _readsUsed++;
        for (int i = 0; i < log.Count; i++)
        {
            if (log.IsBlind[i])
                continue;

            (int address, int value) = (log.Addresses[i], log.Before[i]);
            (_reads[_readsUsed++], _reads[_readsUsed++]) = (address, value);
            _reads[start]++;
            guards += Add(step, context, address, value, RowGuardInts, maskShift: 0);
        }

        return guards;
    }

    private int AddWrites(int step, int context, TouchLog log, int[] memory)
    {
        int writes = 0;
        for (int i = 0; i < log.Count; i++)
        {
            // What was overwritten blindly is stored always, as it may have been anything before.
            int address = log.Addresses[i];
            if (log.IsBlind[i] || memory[address] != log.Before[i])
                writes += Add(step, context, address, memory[address], RowWriteInts, maskShift: TaskTable.Stride);
        }

        return writes;
    }

    /// <summary>Adds a word to the context's row, or a pair, of which it yields the number.</summary>
    private int Add(int step, int context, int address, int value, int rowInts, int maskShift)
    {
        int inRow = address - (context * TaskTable.Stride);
        if ((uint)inRow < TaskTable.Stride)
        {
            _ints[step + rowInts + inRow] = value;
            _ints[step + MasksInt] |= 1 << (maskShift + inRow);
            return 0;
        }

        (_ints[_used++], _ints[_used++]) = (address, value);
        return 1;
    }

    private static void Reserve(ref int[] ints, int length)
    {
        if (length > ints.Length)
            Array.Resize(ref ints, Math.Max(length, ints.Length * 2));
    }
}

/// <summary>What a recorded step does besides writing words.</summary>
/// <param name="Stack">The number of the stack on which its context stands then; 0 if it has ended.</param>
/// <param name="Progress">How much the progress of its machine grows.</param>
/// <param name="Counts">How many operations it finishes, and 65 536 times how many it fuses.</param>
internal readonly record struct StepOutcome(int Stack, int Progress, int Counts)
{
    internal StepOutcome(int stack, long progress, long operations, int fused)
        : this(stack, (int)progress, (int)operations | (fused << 16))
    {
    }

    internal int Operations => Counts & 0xFFFF;

    internal int Fused => Counts >>> 16;
}
