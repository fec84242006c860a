using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Says in words where two states differ that are the same if nothing hides a name.</summary>
internal sealed class NameDifference(MachineImage image, FrameCache frames)
{
    private const string Depends = "depends on a name that it cannot rename";

    /// <summary>Where they differ, stacks first; null if they do not.</summary>
    /// <param name="here">One of them.</param>
    /// <param name="there">The other.</param>
    /// <param name="words">Words of a state.</param>
    internal string? Between(TrialState here, TrialState there, int words)
    {
        for (int context = 0; context < here.Stacks.Length; context++)
        {
            if (here.Stacks[context] != there.Stacks[context])
                return Between(frames[here.Stacks[context]], frames[there.Stacks[context]], context);
        }

        int word = here.FirstDifference(there, words);
        return word < 0 ? null : $"{NameOf(word)} {Depends}";
    }

    /// <summary>A word, for a sentence.</summary>
    internal string NameOf(int word)
    {
        int context = word / TaskTable.Stride;
        return context < image.Contexts ? $"what task {context} stands in front of" : image.NameOf(word);
    }

    private static string Between(Frame? here, Frame? there, int task)
    {
        for (
            ;
            here is not null && there is not null && here.Type == there.Type;
            here = here.Parent, there = there.Parent)
        {
            foreach (((string name, object value), (string _, object other)) in here.Locals().Zip(there.Locals()))
            {
                if (!Equals(value, other))
                    return $"local '{name}' of {here.Type.Function}() {Depends}";
            }
        }

        return here?.Type == there?.Type
            ? $"a value that task {task} keeps {Depends}"
            : $"which function task {task} is in {Depends}";
    }
}
