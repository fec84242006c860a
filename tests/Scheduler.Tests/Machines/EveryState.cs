using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>Goes through all states of a small machine once, by going back to each.</summary>
internal static class EveryState
{
    private const int StatesMax = 100_000;

    /// <summary>
    /// The outcomes of the states in which nobody can go on, each once and in order; and the number of all states.
    /// </summary>
    internal static (string[] Outcomes, int States) Outcomes(MachineImage image, Func<Machine, string> outcome)
    {
        Machine machine = image.Started(copyOnResume: true);
        var seen = new HashSet<UInt128> { machine.StateHash() };
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<SavedState>([new SavedState(machine)]);
        while (open.TryPop(out SavedState? state))
        {
            Assert.True(seen.Count < StatesMax, "the program has too many states");
            state.Restore();
            Transition[] enabled = machine.Enabled().ToArray();
            if (enabled.Length == 0)
                outcomes.Add(outcome(machine));

            foreach (Transition transition in enabled)
            {
                state.Restore();
                machine.Perform(transition);
                Assert.Null(machine.Finding);
                if (seen.Add(machine.StateHash()))
                    open.Push(new SavedState(machine));
            }
        }

        return ([.. outcomes], seen.Count);
    }
}
