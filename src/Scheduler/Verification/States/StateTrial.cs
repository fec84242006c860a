using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>Tries transitions of states that no search goes on from.</summary>
/// <remarks>
/// One thread, one object. Steps are looked up, and so recorded, only by <see cref="Symmetry.EveryStepCheck"/>, which
/// tries each that is: one that somebody else had recorded would never be tried.
/// </remarks>
internal sealed class StateTrial(Machine machine, FrameCache frames, bool looksUp = false)
{
    /// <summary>Puts the machine into a state.</summary>
    internal void Load(int[] memory, int[] stacks)
    {
        machine.MakeCurrent();
        machine.RestoreMemory(memory);
        for (int context = 0; context < stacks.Length; context++)
        {
            Frame? top = frames[stacks[context]];
            if (machine.Stack(context).Top != top)
                machine.RestoreStack(context, top);
        }
    }

    /// <summary>
    /// Performs a transition of a state; yields what is wrong, in which case <paramref name="outcome"/> is left as it
    /// was.
    /// </summary>
    internal FailureClass? Perform(int[] memory, int[] stacks, Transition transition, TrialState outcome)
    {
        Load(memory, stacks);
        if (looksUp)
            machine.Perform(transition);
        else
            machine.PerformItself(transition);

        int changed = machine.CurrentContext;
        if (machine.Finding is { } finding)
        {
            machine.DiscardStack(changed);
            machine.RestoreStack(changed, frames[stacks[changed]]);
            return finding.Class;
        }

        outcome.Keep(machine, stacks);
        outcome.Stacks[changed] = frames.NumberOf(machine.Stack(changed).Top);
        machine.RestoreStack(changed, frames[outcome.Stacks[changed]]);
        return null;
    }

    /// <summary>What the checks of a state say of it.</summary>
    internal FailureClass? Judge(int[] memory, int[] stacks)
    {
        Load(memory, stacks);
        machine.CheckReached();
        FailureClass? found = machine.Finding?.Class;

        // The deadlock detector may have run the machine on.
        for (int context = 0; context < stacks.Length; context++)
        {
            machine.DiscardStack(context);
            machine.RestoreStack(context, frames[stacks[context]]);
        }

        return found;
    }
}

/// <summary>A state that is being tried: its memory, and the numbers of its stacks.</summary>
internal class TrialState(MachineImage image)
{
    internal int[] Memory { get; } = new int[image.Memory.Length];

    internal int[] Stacks { get; } = new int[image.Contexts];

    /// <summary>Takes over the machine's memory, with these stacks.</summary>
    internal void Keep(Machine machine, int[] stacks) => CopyFrom(machine.Memory, stacks);

    internal void CopyFrom(int[] memory, int[] stacks)
    {
        memory.CopyTo(Memory, 0);
        stacks.CopyTo(Stacks, 0);
    }

    /// <summary>The first word of <paramref name="words"/> in which two states differ; -1 if they do in none.</summary>
    internal int FirstDifference(TrialState other, int words)
    {
        int word = Memory.AsSpan(0, words).CommonPrefixLength(other.Memory.AsSpan(0, words));
        return word == words ? -1 : word;
    }
}
