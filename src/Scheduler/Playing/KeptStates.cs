using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Playing;

/// <summary>States along a line of transitions, so that going back takes no time that one sees.</summary>
/// <remarks>Of a large machine not every state is kept: the steps from the nearest one are run again.</remarks>
internal sealed class KeptStates
{
    private const int WordsPerStep = 1 << 12;

    private readonly int _stride;
    private readonly List<SavedState> _states = [];

    private readonly Machine _machine;

    /// <summary>Begins with the state that a machine is in.</summary>
    internal KeptStates(Machine machine)
    {
        _machine = machine;
        _stride = 1 + (machine.Memory.Length / WordsPerStep);
        _states.Add(new SavedState(machine));
    }

    /// <summary>Keeps the present state, after so many steps, if it is one of those that are kept.</summary>
    internal void Keep(int steps)
    {
        if (steps == _states.Count * _stride)
            _states.Add(new SavedState(_machine));
    }

    /// <summary>Forgets all states after so many steps.</summary>
    internal void Forget(int steps)
    {
        int kept = 1 + (steps / _stride);
        if (kept < _states.Count)
            _states.RemoveRange(kept, _states.Count - kept);
    }

    /// <summary>Goes back to the last kept state within so many steps; yields after how many it was.</summary>
    internal int Restore(int steps)
    {
        int index = Math.Min(steps / _stride, _states.Count - 1);
        _states[index].Restore();
        return index * _stride;
    }
}
