using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>A machine that goes where it is told, with its stacks kept by number, as a search does it.</summary>
internal sealed class WalkedMachine
{
    internal WalkedMachine(MachineImage image)
    {
        Image = image;
        Machine = new Machine(image, copyOnResume: true);
        Frames = new FrameCache(Store, Machine.Pool);
        Stacks = new int[image.Contexts];
        Symmetry = new TaskSymmetry(image, Frames);
    }

    internal MachineImage Image { get; }

    internal Machine Machine { get; }

    internal FrameStore Store { get; } = new(comparesWhole: true);

    internal FrameCache Frames { get; }

    internal TaskSymmetry Symmetry { get; }

    /// <summary>The numbers of the machine's stacks.</summary>
    internal int[] Stacks { get; }

    /// <summary>
    /// From the start takes, of what is enabled, the one that each choice names, as long as nothing is wrong.
    /// </summary>
    internal void Walk(int[] choices)
    {
        Machine.Reset();
        KeepStacks();
        foreach (int choice in choices)
        {
            int count = Machine.Enabled().Length;
            if (count == 0)
                return;

            Machine.Perform(Machine.Enabled()[choice % count]);
            KeepStacks();
            if (Machine.Finding is not null)
                return;
        }
    }

    /// <summary>The state as a search has it whose turn it is to be expanded.</summary>
    internal Successors Expanded()
    {
        var expanded = new Successors(Image.Memory.Length, Image.Contexts);
        expanded.Begin(0, UInt128.Zero);
        Machine.Memory.CopyTo(expanded.Memory, 0);
        Stacks.CopyTo(expanded.Stacks, 0);
        return expanded;
    }

    /// <summary>Where sorting like tasks takes a state: its memory and its stacks.</summary>
    internal (int[] Memory, int[] Stacks) Canonical(int[] memory, int[] stacks)
    {
        int[] sorted = [.. stacks];
        new StateTrial(Machine, Frames).Load(memory, stacks);
        Symmetry.Canonicalize(Machine, sorted);
        return (Machine.Memory[..Machine.StateWords], sorted);
    }

    private void KeepStacks()
    {
        for (int context = 0; context < Stacks.Length; context++)
        {
            Stacks[context] = Frames.NumberOf(Machine.Stack(context).Top);
            Machine.RestoreStack(context, Frames[Stacks[context]]);
        }
    }
}
