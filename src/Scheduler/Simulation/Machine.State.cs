using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation;

/// <content>States: saving them, going back to them, and what they are worth as one value.</content>
public sealed partial class Machine
{
    internal FramePool Pool => Runner.Pool;

    /// <summary>
    /// Number of words of memory that make up a state, without those that hold the hashes of the stacks.
    /// </summary>
    internal int StateWords => Image.StackBase;

    /// <summary>
    /// A hash of memory and of all stacks. Equal states have equal hashes, on every machine of the same build.
    /// </summary>
    public UInt128 StateHash()
    {
        for (int context = 0; context < Tasks.Contexts; context++)
            RememberStack(context);

        return HashOfMemory();
    }

    /// <summary>Puts the hash of a context's stack into memory, for <see cref="HashOfMemory"/>.</summary>
    internal void RememberStack(int context) => RememberStack(Image, Memory, context, Stack(context).Top);

    /// <summary>Puts the hash of a stack on which a context stands into the memory of a state.</summary>
    internal static void RememberStack(MachineImage image, int[] memory, int context, Frame? top) =>
        RememberStack(image, memory, context, top?.ContentHash() ?? UInt128.Zero);

    /// <summary>Puts the hash of a stack into the memory of a state in which a context stands on that.</summary>
    internal static void RememberStack(MachineImage image, int[] memory, int context, UInt128 hash)
    {
        Span<int> words = memory.AsSpan(
            image.StackBase + (context * MachineBuilder.StackHashWords),
            MachineBuilder.StackHashWords);
        MemoryMarshal.Write(MemoryMarshal.AsBytes(words), hash);
    }

    /// <summary>The state's hash, if every stack that has changed was remembered.</summary>
    internal UInt128 HashOfMemory() => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(Memory.AsSpan()));

    internal KernelStack Stack(int context)
    {
        Memo?.NoteStack(context);
        Looks?.NoteStack(context);
        return Runner.Stack(context);
    }

    /// <summary>A word of an account, which is not the kernel's.</summary>
    internal ref int BookkeepingWord(int address)
    {
        if (!Image.IsBookkeeping(address))
        {
            throw new InvalidOperationException(
                "a detector may write only words that it has laid out as bookkeeping, "
                + $"and {Image.NameOf(address)} is none");
        }

        return ref Words[address];
    }

    /// <summary>A second machine in the same state, which can be run on without changing this one.</summary>
    /// <remarks>
    /// It copies frames when it resumes them, so it may share those of this machine while this one stands.
    /// </remarks>
    internal Machine Copy()
    {
        Looks?.NoteAll();
        var copy = new Machine(Image, copyOnResume: true);
        Memory.CopyTo(copy.Memory, 0);
        copy._transitions.Forget();
        copy.Mmu.Translations?.Forget();
        for (int context = 0; context < Tasks.Contexts; context++)
        {
            copy.Stack(context).Restore(Stack(context).Top);
            copy.Stack(context).ReturnRegister = Stack(context).ReturnRegister;
        }

        copy.Runner.Current = CurrentContext;
        return copy;
    }

    /// <summary>Goes back to a state's memory, its remembered stacks included.</summary>
    internal void RestoreMemory(ReadOnlySpan<int> memory)
    {
        memory.CopyTo(Memory);
        _transitions.Forget();
        Mmu.Translations?.Forget();
        Finding = null;
    }

    /// <summary>Goes back to a context's stack.</summary>
    internal void RestoreStack(int context, Frame? top) => Stack(context).Restore(top);

    /// <summary>Gives back the frames that the latest transition made and nobody keeps.</summary>
    internal void DiscardStack(int context) => Frame.ReturnUnkept(Stack(context).Top, Pool);
}
