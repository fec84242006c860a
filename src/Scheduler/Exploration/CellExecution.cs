using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

internal enum CellEnd { Over, Missed, Limit }

internal sealed class CellExecution(CellMachine machine)
{
    private readonly Vector512<byte>[] _lanes = [.. Enumerable.Range(0, 64).Select(i => Vector512<byte>.Zero.WithElement(i, (byte)255))];

    internal Transition Missed { get; private set; }

    internal CellEnd Run(ref Pcg32 source, ref Transition[] schedule, out int stepsMade, int limit)
    {
        Pcg32 random = source;
        machine.Reset();
        int steps = 0;
        Vector512<byte> cells = machine.Cells;
        Vector512<byte> readyCells = machine.ReadyCells;
        Vector512<byte> readyValues = machine.ReadyValues;
        Vector512<byte> statusCells = machine.StatusCells;
        Vector512<byte> statusValues = machine.StatusValues;
        ref Leaf leaves = ref machine.Leaves.FirstLeaf;
        ref Chooser choosers = ref machine.Leaves.FirstChooser;
        ref int places = ref machine.Leaves.FirstPlace;
        ref int positions = ref MemoryMarshal.GetArrayDataReference(machine.Positions);
        ref Vector512<byte> lanes = ref MemoryMarshal.GetArrayDataReference(_lanes);
        long counts = 0;
        int context = -1;
        CellEnd end;
        if (schedule.Length < limit)
            Array.Resize(ref schedule, limit);

        ref Transition made = ref MemoryMarshal.GetArrayDataReference(schedule);
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

            int outcome = 0;
            if ((machine.Choices & ready) != 0)
            {
                int count = 0;
                for (ulong left = ready; left != 0; left &= left - 1)
                    count += machine.Outcomes(BitOperations.TrailingZeroCount(left));

                int number = count == 1 ? 0 : random.Next(count);
                ulong rest = ready;
                for (; ; rest &= rest - 1)
                {
                    context = BitOperations.TrailingZeroCount(rest);
                    int outcomes = machine.Outcomes(context);
                    if (number < outcomes)
                        break;

                    number -= outcomes;
                }

                outcome = number;
                Unsafe.Add(ref made, steps) = (machine.Choices >> context & 1) != 0
                    ? Transition.Choose(context, outcome)
                    : Transition.Step(context);
            }
            else
            {
                int count = BitOperations.PopCount(ready);
                int number = count == 1 ? 0 : random.Next(count);
                context = BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << number, ready));
                Unsafe.Add(ref made, steps) = Transition.Step(context);
            }

            int position = Unsafe.Add(ref positions, context) + outcome;
            ref Chooser chooser = ref Unsafe.Add(ref choosers, position);
            int number2 = Unsafe.Add(ref places, chooser.PlaceOf(LeafTable.KeyOf(chooser, cells)));
            ref Leaf leaf = ref Unsafe.Add(ref leaves, number2);
            if (!LeafTable.Holds(leaf, cells))
            {
                machine.Cells = cells;
                machine.ReadyCells = readyCells;
                machine.ReadyValues = readyValues;
                machine.Counts = counts;
                number2 = machine.Find(context, outcome);
                if (number2 == 0)
                {
                    Missed = Unsafe.Add(ref made, steps);
                    end = CellEnd.Missed;
                    break;
                }

                cells = machine.Cells;
                readyCells = machine.ReadyCells;
                readyValues = machine.ReadyValues;
                statusCells = machine.StatusCells;
                statusValues = machine.StatusValues;
                leaves = ref machine.Leaves.FirstLeaf;
                choosers = ref machine.Leaves.FirstChooser;
                places = ref machine.Leaves.FirstPlace;
                leaf = ref Unsafe.Add(ref leaves, number2);
            }

            if (machine.Checks.IsDue())
            {
                machine.Cells = cells;
                machine.Counts = counts;
                machine.Check(context, outcome, number2);
            }

            Unsafe.Add(ref positions, context) = leaf.Next;
            cells = Vector512.ConditionalSelect(leaf.WriteMask, leaf.Writes, cells);
            Vector512<byte> lane = Unsafe.Add(ref lanes, context);
            readyCells = Vector512.ConditionalSelect(lane, Vector512.Create(leaf.Ready.Cell), readyCells);
            readyValues = Vector512.ConditionalSelect(lane, Vector512.Create(leaf.Ready.Value), readyValues);
            if (leaf.Ready.Outcomes != 1 || outcome != 0 || machine.Choices != 0)
                machine.Choices = (machine.Choices & ~(1UL << context)) | (leaf.Ready.Outcomes != 1 ? 1UL << context : 0);

            counts += leaf.Counts;
            steps++;
        }

        source = random;
        machine.Cells = cells;
        machine.ReadyCells = readyCells;
        machine.ReadyValues = readyValues;
        machine.Counts = counts;
        machine.Current = steps == 0 ? -1 : schedule[steps - 1].Subject;
        stepsMade = steps;
        return end;
    }
}
