using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Makes leaves of recorded steps.</summary>
/// <param name="steps">The steps.</param>
/// <param name="roles">Is told what they touch.</param>
internal sealed class LeafMaker(RecordedSteps steps, WordRoles roles)
{
    private readonly int[] _words = new int[RecordedSteps.TouchesMax];
    private readonly int[] _values = new int[RecordedSteps.TouchesMax];

    /// <summary>What a step of a context touches; true if a word has another role now.</summary>
    internal bool NoteTouches(int context, int step)
    {
        bool isNew = false;
        for (int i = 0; i < steps.Reads(step); i++)
            isNew |= roles.NoteRead(steps.ReadAt(step, i).Address, context);

        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
            isNew |= roles.NoteWrite(_words[i], context);

        return isNew;
    }

    /// <summary>
    /// What a context waits for in some memory: whether it can go on is asked of cells, so that word is not only
    /// another one's. True if it has another role now.
    /// </summary>
    internal bool NoteAwaited(int context, int[] memory) =>
        PositionTable.WordAwaited(context, memory) is var word and >= 0 && roles.NoteRead(word, context);

    /// <summary>Performs the writes of a step of a context in memory.</summary>
    internal void Perform(int context, int step, int[] memory)
    {
        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
            memory[_words[i]] = _values[i];
    }

    /// <summary>
    /// The leaf of a step of a context, which leads to the state in memory; 0 if there can be none.
    /// </summary>
    internal int Make(CellMap map, int context, int step, int[] memory)
    {
        StepOutcome outcome = steps.OutcomeOf(step);
        int next = map.Positions.NumberOf(context, outcome.Stack, memory);
        map.Keys.Reserve(map.Positions.Count);
        ulong mask = AddGuards(map.Layout, step, out Vector512<byte> guards);
        int kept = AddWrites(map, context, step, mask, guards, out Vector512<byte> delta);
        if (next < 0 || kept < 0 || !map.Fits || map.Leaves.IsFull || !StepCounts.Fits(outcome))
            return 0;

        int number = map.Leaves.Add();
        ref Leaf leaf = ref map.Leaves[number];
        leaf.Guards = guards;
        leaf.Delta = delta; // The two vectors first, as the rest lies in their last lanes.
        leaf.GuardMask = mask;
        leaf.Next = next;
        leaf.Ready = map.Positions[next].Ready;
        leaf.Kept = (byte)kept;
        leaf.Counts = StepCounts.Of(outcome);
        return number;
    }

    private ulong AddGuards(CellLayout layout, int step, out Vector512<byte> guards)
    {
        ulong mask = 0;
        guards = default;
        for (int i = 0; i < steps.Reads(step); i++)
        {
            (int word, int value) = steps.ReadAt(step, i);
            if (layout.CellOf(word) is not (var cell and >= 0))
                continue; // The position has it, or it never changes.

            mask |= 1UL << cell;
            guards = guards.WithElement(cell, layout.CodeOf(value));
        }

        return mask;
    }

    private int AddWrites(
        CellMap map, int context, int step, ulong mask, Vector512<byte> guards, out Vector512<byte> delta)
    {
        delta = default;
        Vector512<byte> kept = Vector512<byte>.AllBitsSet;
        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
        {
            if (map.Layout.CellOf(_words[i]) is not (var cell and >= 0))
                continue;

            byte before = 0;
            if ((mask >> cell & 1) != 0)
                before = guards[cell];
            else
                kept = kept.WithElement(cell, (byte)0);

            delta = delta.WithElement(cell, (byte)(map.Layout.CodeOf(_values[i]) ^ before));
        }

        return map.Leaves.NumberOfKept(kept);
    }
}
