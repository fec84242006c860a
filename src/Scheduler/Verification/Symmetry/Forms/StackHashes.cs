using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>What a stack on which a context stands adds to the hash of a state.</summary>
/// <remarks>One thread, one object.</remarks>
internal sealed class StackHashes(MachineImage image, FrameCache frames, StateHasher hasher)
{
    private readonly int[] _words = new int[MachineBuilder.StackHashWords];
    private UInt128[] _hashes = []; // By stack and context; 0 for those that are not known yet.

    internal UInt128 Of(int stack, int context)
    {
        UInt128[] hashes = _hashes;
        int index = (stack * image.Contexts) + context;
        return (uint)index < (uint)hashes.Length && hashes[index] != UInt128.Zero
            ? hashes[index]
            : Add(stack, context, index);
    }

    private UInt128 Add(int stack, int context, int index)
    {
        if (index >= _hashes.Length)
            Array.Resize(ref _hashes, Math.Max((stack + 1) * image.Contexts, _hashes.Length * 2));

        MemoryMarshal.Write(MemoryMarshal.AsBytes(_words.AsSpan()), frames.HashOf(stack));
        HashSum sum = default;
        for (int i = 0; i < _words.Length; i++)
            sum.Add(hasher.Keys[image.StackBase + (context * _words.Length) + i], _words[i]);

        return _hashes[index] = sum.Value;
    }
}
