using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Walks at random over a machine of cells, with the same numbers and so on the same way as
/// an <see cref="IUniformStrategy"/> on the machine itself.
/// </summary>
internal sealed class CellWalk(CellMachine machine)
{
    private int _steps;
    private int _context; // Whose step is next, and by which outcome.
    private int _outcome;

    /// <summary>The most steps that can be made.</summary>
    internal static int StepsMax => StepCounts.StepsMax;

    /// <summary>Whether this is faster than to let the strategy choose: not with vectors that are two.</summary>
    internal static bool IsFast => !CellState.HasHalves;

    /// <summary>What was chosen where the machine has to go on.</summary>
    internal Transition Next => machine.TransitionOf(_context, _outcome);

    /// <summary>
    /// Makes steps until nothing is enabled, until there are so many as <paramref name="schedule"/> has room for, or
    /// until the machine itself has to go on.
    /// </summary>
    internal CellStop Run(ref Pcg32 random, Span<Transition> schedule, out int steps)
    {
        machine.Reset();
        _steps = 0;
        CellStop stop;
        while (true)
        {
            stop = machine.State.Choices == 0 ? WalkFast(ref random, schedule) : CellStop.Undrawn;
            if (stop == CellStop.Undrawn)
                stop = Draw(ref random, schedule.Length);

            if (stop != CellStop.Drawn)
                break;

            Transition next = Next;
            if (!machine.TryPerform(_context, _outcome))
            {
                stop = CellStop.Unknown;
                break;
            }

            schedule[_steps++] = next;
        }

        steps = _steps;
        return stop;
    }

    private CellStop Draw(ref Pcg32 random, int stepsMax)
    {
        ulong ready = machine.State.Ready(machine.Map);
        if (ready == 0)
            return CellStop.End;

        if (_steps == stepsMax)
            return CellStop.Full;

        int count = 0;
        for (ulong left = ready; left != 0; left &= left - 1)
            count += machine.OutcomesOf(BitOperations.TrailingZeroCount(left));

        int number = count == 1 ? 0 : random.Next(count);
        for (ulong left = ready; ; left &= left - 1)
        {
            _context = BitOperations.TrailingZeroCount(left);
            int outcomes = machine.OutcomesOf(_context);
            if (number < outcomes)
                break;

            number -= outcomes;
        }

        _outcome = number;
        return CellStop.Drawn;
    }

    /// <summary>
    /// Makes steps while each is a leaf that is found at once, and nobody stands before a choice.
    /// </summary>
    /// <remarks>
    /// Nothing is called here, so that the vectors stay where they are; and what is not usual is left to others, so
    /// that hardly a branch goes another way than the last time.
    /// </remarks>
    private CellStop WalkFast(ref Pcg32 source, Span<Transition> schedule)
    {
        CellMap map = machine.Map;
        CellState state = machine.State;
        ref Leaf leaves = ref map.Leaves.First;
        ref Vector512<byte> keeps = ref map.Leaves.FirstKept;
        ref Chooser choosers = ref map.Keys.FirstChooser;
        ref ushort places = ref map.Keys.FirstPlace;
        ref int positions = ref MemoryMarshal.GetArrayDataReference(state.Positions);
        ref Transition made = ref MemoryMarshal.GetReference(schedule);
        Pcg32 random = source;
        Vector512<byte> cells = state.Cells;
        Vector512<byte> readyCells = state.ReadyCells;
        Vector512<byte> readyValues = state.ReadyValues;
        Vector512<byte> statusCells = map.StatusCells;
        Vector512<byte> statusValues = map.StatusValues;
        Vector512<byte> all = CellLayout.All;
        Vector512<byte> numbers = Vector512<byte>.Indices;
        ulong counts = state.Counts;
        int stepsMax = schedule.Length;
        int first = _steps;
        int steps = first;
        int checkedStep = first + machine.StepsBeforeCheck;
        int context = 0;
        CellStop stop;
        while (true)
        {
            ulong ready = Vector512.Equals(KeyTable.Pick(cells, readyCells), readyValues).ExtractMostSignificantBits()
                & Vector512.Equals(KeyTable.Pick(cells, statusCells), statusValues).ExtractMostSignificantBits();
            if (ready == 0)
            {
                stop = CellStop.End;
                break;
            }

            if (steps == stepsMax)
            {
                stop = CellStop.Full;
                break;
            }

            Pcg32 before = random;
            if (!random.TryNext(BitOperations.PopCount(ready), out int number))
            {
                random = before;
                stop = CellStop.Undrawn;
                break;
            }

            context = BitOperations.TrailingZeroCount(BitAt(ready, number));
            Unsafe.Add(ref made, steps) = Transition.Step(context);
            ref Chooser chooser = ref Unsafe.Add(ref choosers, Unsafe.Add(ref positions, context));
            ulong product = chooser.Product(KeyTable.KeyOf(chooser, cells));
            ref Leaf leaf = ref Unsafe.Add(ref leaves, Unsafe.Add(ref places, chooser.First(product)));
            if (!leaf.Holds(cells))
            {
                leaf = ref Unsafe.Add(ref leaves, Unsafe.Add(ref places, chooser.Second(product)));
                if (!leaf.Holds(cells))
                {
                    stop = CellStop.Drawn;
                    break;
                }
            }

            if (leaf.Ready.IsChoice || steps == checkedStep)
            {
                stop = CellStop.Drawn;
                break;
            }

            steps++;
            counts += StepCounts.Spread(leaf.Counts);
            Unsafe.Add(ref positions, context) = leaf.Next;
            if (leaf.Kept != 0)
                cells &= Unsafe.Add(ref keeps, leaf.Kept);

            cells ^= leaf.Delta & all;
            Vector512<byte> own = Vector512.Equals(numbers, Vector512.Create((byte)context));
            readyCells = Vector512.ConditionalSelect(own, Vector512.Create(leaf.Ready.Cell), readyCells);
            readyValues = Vector512.ConditionalSelect(own, Vector512.Create(leaf.Ready.Value), readyValues);
        }

        source = random;
        state.Cells = cells;
        state.ReadyCells = readyCells;
        state.ReadyValues = readyValues;
        state.Counts = counts;
        machine.StepsBeforeCheck -= steps - first;
        (_steps, _context, _outcome) = (steps, context, 0);
        return stop;
    }

    /// <summary>The bit before which there are so many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitAt(ulong bits, int number)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ParallelBitDeposit(1UL << number, bits);

        for (; number > 0; number--)
            bits &= bits - 1;

        return bits & (~bits + 1);
    }
}

/// <summary>Where a <see cref="CellWalk"/> stops.</summary>
internal enum CellStop
{
    /// <summary>Nothing is enabled any more.</summary>
    End,

    /// <summary>There is no room for more steps.</summary>
    Full,

    /// <summary>It is not settled which step is next.</summary>
    Undrawn,

    /// <summary>It is settled which step is next.</summary>
    Drawn,

    /// <summary>The machine has to perform the step that is next.</summary>
    Unknown,

    /// <summary>The strategy wants no more steps.</summary>
    Stopped,
}
