using Kmaplab.Scheduler.Coroutines.Stacks;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// One of the questions that make up the check of a state: each can be known to hold without being asked again.
/// </summary>
internal abstract class StatePart
{
    /// <summary>
    /// What <see cref="HoldsPlainly"/> looks at is not logged, so it has to be asked of every state.
    /// </summary>
    internal virtual bool LooksItself => false;

    /// <summary>Whether it holds for a reason that is quickly seen; if not, it may hold all the same.</summary>
    internal virtual bool HoldsPlainly() => false;

    /// <summary>Asks the machine that stands in the state; if it does not hold, something may be wrong.</summary>
    internal abstract bool Holds();
}

/// <summary>A state that is not, or not yet, in the machine that is to judge it.</summary>
/// <param name="Machine">That machine.</param>
/// <param name="Memory">The memory of the state, which is another one each time.</param>
/// <param name="Stacks">The numbers of its stacks.</param>
/// <param name="Frames">The stacks.</param>
internal sealed record StateSight(Machine Machine, int[] Memory, int[] Stacks, FrameCache Frames);
