using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Simulation;

/// <content>States: what a machine's memory and stacks are worth as one value.</content>
public sealed partial class Machine
{
    /// <summary>A hash of memory and of all stacks. Equal states have equal hashes, on every machine of the same build.</summary>
    public UInt128 StateHash()
    {
        UInt128 hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(Memory.AsSpan()));
        for (int context = 0; context < _stacks.Length; context++)
        {
            if (_stacks[context].Top is { } top)
                hash = Mix(hash, context, top.ContentHash());
        }

        return hash;
    }

    private static UInt128 Mix(UInt128 hash, int context, UInt128 stack)
    {
        Span<UInt128> both = [hash, stack];
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(both), context);
    }
}
