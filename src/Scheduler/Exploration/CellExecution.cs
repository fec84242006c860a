using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

internal enum CellEnd { Over, Missed, Limit, Pending, Undrawn }

internal sealed class CellExecution(CellMachine machine)
{
    private static readonly Vector512<byte> s_numbers = Vector512<byte>.Indices;
    private int _steps;
    private int _context;
    private int _outcome;

    internal Transition Missed { get; private set; }

    internal CellEnd Run(ref Pcg32 source, ref Transition[] schedule, out int stepsMade, int limit)
    {
        machine.Reset();
        if (schedule.Length < limit)
            Array.Resize(ref schedule, limit);

        _steps = 0;
        CellEnd end;
        while (true)
        {
            end = machine.Choices == 0 ? Hits(ref source, schedule, limit) : Draw(ref source, limit);
            if (end == CellEnd.Undrawn)
                end = Draw(ref source, limit);

            if (end != CellEnd.Pending)
                break;

            Transition choice = (machine.Choices >> _context & 1) != 0
                ? Transition.Choose(_context, _outcome)
                : Transition.Step(_context);
            int leaf = machine.Propose(_context, _outcome);
            if (leaf == 0)
                leaf = machine.Find(_context, _outcome);

            if (leaf == 0)
            {
                Missed = choice;
                end = CellEnd.Missed;
                break;
            }

            if (machine.IsCheckDue())
                machine.Check(_context, _outcome, leaf);

            machine.Take(_context, leaf);
            schedule[_steps++] = choice;
        }

        machine.Current = _steps == 0 ? -1 : schedule[_steps - 1].Subject;
        stepsMade = _steps;
        return end;
    }

    private CellEnd Draw(ref Pcg32 random, int limit)
    {
        ulong ready = machine.Ready();
        if (ready == 0)
            return CellEnd.Over;

        if (_steps == limit)
            return CellEnd.Limit;

        int count = 0;
        for (ulong left = ready; left != 0; left &= left - 1)
            count += machine.Outcomes(BitOperations.TrailingZeroCount(left));

        int number = count == 1 ? 0 : random.Next(count);
        for (ulong left = ready; ; left &= left - 1)
        {
            _context = BitOperations.TrailingZeroCount(left);
            int outcomes = machine.Outcomes(_context);
            if (number < outcomes)
                break;

            number -= outcomes;
        }

        _outcome = number;
        return CellEnd.Pending;
    }

    private CellEnd Hits(ref Pcg32 source, Transition[] schedule, int limit)
    {
        Pcg32 random = source;
        Vector512<byte> all = CellLayout.All;
        ref Vector512<byte> kept = ref machine.Leaves.FirstKept;
        Vector512<byte> cells = machine.Cells;
        Vector512<byte> readyCells = machine.ReadyCells;
        Vector512<byte> readyValues = machine.ReadyValues;
        Vector512<byte> statusCells = machine.StatusCells;
        Vector512<byte> statusValues = machine.StatusValues;
        Vector512<byte> numbers = s_numbers;
        ref Leaf leaves = ref machine.Leaves.FirstLeaf;
        ref Chooser choosers = ref machine.Leaves.FirstChooser;
        ref ushort places = ref machine.Leaves.FirstPlace;
        ref int positions = ref MemoryMarshal.GetArrayDataReference(machine.Positions);
        ref Transition made = ref MemoryMarshal.GetArrayDataReference(schedule);
        ulong counts = machine.Counts;
        int steps = _steps;
        int last = Math.Min(limit, steps + machine.HitsBeforeCheck);
        int first = steps;
        int context = 0;
        CellEnd end;
        while (true)
        {
            ulong ready = Vector512.Equals(LeafTable.Pick(cells, readyCells), readyValues).ExtractMostSignificantBits()
                & Vector512.Equals(LeafTable.Pick(cells, statusCells), statusValues).ExtractMostSignificantBits();
            if (ready == 0)
            {
                end = CellEnd.Over;
                break;
            }

            if (steps == limit)
            {
                end = CellEnd.Limit;
                break;
            }

            int count = BitOperations.PopCount(ready);
            Pcg32 before = random;
            if (!random.TryNext(count, out int number))
            {
                random = before;
                end = CellEnd.Undrawn;
                break;
            }

            context = BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << number, ready));
            Unsafe.Add(ref made, steps) = Transition.Step(context);
            ref Chooser chooser = ref Unsafe.Add(ref choosers, Unsafe.Add(ref positions, context));
            ulong product = chooser.Product(LeafTable.KeyOf(chooser, cells));
            ref Leaf leaf = ref Unsafe.Add(ref leaves, Unsafe.Add(ref places, chooser.First(product)));
            if (!leaf.Holds(cells))
            {
                leaf = ref Unsafe.Add(ref leaves, Unsafe.Add(ref places, chooser.Second(product)));
                if (!leaf.Holds(cells))
                {
                    end = CellEnd.Pending;
                    break;
                }
            }

            if (leaf.Ready.Outcomes != 1 || steps == last)
            {
                end = CellEnd.Pending;
                break;
            }

            steps++;
            counts += StepCounts.Spread(leaf.Counts);
            Unsafe.Add(ref positions, context) = leaf.Next;
            if (leaf.Kept != 0)
                cells &= Unsafe.Add(ref kept, leaf.Kept);

            cells ^= leaf.Delta & all;
            Vector512<byte> lane = Vector512.Equals(numbers, Vector512.Create((byte)context));
            readyCells = Vector512.ConditionalSelect(lane, Vector512.Create(leaf.Ready.Cell), readyCells);
            readyValues = Vector512.ConditionalSelect(lane, Vector512.Create(leaf.Ready.Value), readyValues);
        }

        source = random;
        machine.Cells = cells;
        machine.ReadyCells = readyCells;
        machine.ReadyValues = readyValues;
        machine.Counts = counts;
        machine.HitsBeforeCheck -= steps - first;
        _steps = steps;
        _context = context;
        _outcome = 0;
        return end;
    }
}
