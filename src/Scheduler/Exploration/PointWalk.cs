using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Walks over a machine of cells as an <see cref="IPointStrategy"/> chooses, which sees the same points as on the
/// machine itself.
/// </summary>
internal sealed class PointWalk(CellMachine machine)
{
    private readonly CellLooks _looks = new(machine);
    private readonly Transition[] _enabled = new Transition[machine.Machine.Image.TransitionsMax + 1];
    private readonly int _contexts = machine.Machine.Tasks.Contexts;

    /// <summary>What was chosen where the machine has to go on.</summary>
    internal Transition Next { get; private set; }

    /// <summary>
    /// Makes steps until nothing is enabled, until there are so many as <paramref name="schedule"/> has room for, until
    /// the strategy stops, or until the machine itself has to go on.
    /// </summary>
    internal CellStop Run(SearchStrategy strategy, Span<Transition> schedule, out int steps)
    {
        machine.Reset();
        CellState state = machine.State;
        for (steps = 0; ; steps++)
        {
            ulong ready = state.Ready(machine.Map);
            if (ready == 0)
                return CellStop.End;

            if (steps == schedule.Length)
                return CellStop.Full;

            _looks.Begin(ready);
            ReadOnlySpan<Transition> enabled = _enabled.AsSpan(0, state.Choices == 0 ? List(ready) : ListAll(ready));
            bool isCompared = machine.IsCheckNext;
            if (isCompared)
                _looks.Compare(enabled, steps == 0 ? -1 : schedule[steps - 1].Subject);

            int index = strategy.Choose(new SchedulingPoint(_looks, enabled, steps));
            if (isCompared)
                _looks.EndComparison();

            if (index == SearchStrategy.Stop)
                return CellStop.Stopped;

            if ((uint)index >= (uint)enabled.Length)
                throw Execution.NotThere(strategy, index, enabled.Length);

            Transition next = enabled[index];
            if (!machine.TryPerform(next.Subject, next.Argument))
            {
                Next = next;
                return CellStop.Unknown;
            }

            schedule[steps] = next;
        }
    }

    /// <summary>The list where nobody stands before a choice.</summary>
    private int List(ulong ready)
    {
        // There is a place for each context and one more, and nobody can guess who is ready.
        ref Transition enabled = ref MemoryMarshal.GetArrayDataReference(_enabled);
        int count = 0;
        for (int context = 0; context < _contexts; context++)
        {
            Unsafe.Add(ref enabled, count) = Transition.Step(context);
            count += (int)(ready >> context) & 1;
        }

        return count;
    }

    private int ListAll(ulong ready)
    {
        int count = 0;
        for (; ready != 0; ready &= ready - 1)
        {
            int context = BitOperations.TrailingZeroCount(ready);
            for (int outcome = 0; outcome < machine.OutcomesOf(context); outcome++)
                _enabled[count++] = machine.TransitionOf(context, outcome);
        }

        return count;
    }
}
