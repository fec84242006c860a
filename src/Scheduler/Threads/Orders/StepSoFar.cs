using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What a task has written down of the step that it is in.</summary>
internal readonly unsafe ref struct StepSoFar
{
    private const int LengthMax = 64; // Nobody goes through longer ones at every look.

    private readonly RecordedEntry* _first;

    private StepSoFar(RecordedEntry* first, int length, bool isKnown)
    {
        _first = first;
        Length = length;
        IsKnown = isKnown;
    }

    /// <summary>The number of entries.</summary>
    internal int Length { get; }

    /// <summary>It is short enough, and all of it is in one block.</summary>
    internal bool IsKnown { get; }

    internal ref readonly RecordedEntry this[int index] => ref _first[index];

    /// <summary>The last step of a task that writes its next entry at <paramref name="next"/>.</summary>
    internal static StepSoFar Of(RecordedEntry* next, RecordedEntry* end)
    {
        if (next is null)
            return new StepSoFar(next, 0, isKnown: true); // It has not begun its first one.

        int there = (int)Math.Min(next - (end - RecordRoom.Block), LengthMax);
        for (int length = 1; length <= there; length++)
        {
            if (next[-length].Kind != OperationKind.None)
                return new StepSoFar(next - length, length, isKnown: true);
        }

        return new StepSoFar(next, 0, isKnown: false);
    }

    /// <summary>Whether the step comes to the object of an entry once more.</summary>
    internal bool HasAgain(int index)
    {
        for (int i = index + 1; i < Length; i++)
        {
            if (_first[i].Version != 0 && _first[i].Address == _first[index].Address)
                return true;
        }

        return false;
    }
}
