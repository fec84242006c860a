using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What a task has done to one object.</summary>
internal readonly struct RecordedEntry(OperationKind kind, int address, int version, int result)
{
    private const int AddressBits = 26; // More than there are words of kernel memory.

    /// <summary>The highest address that there can be.</summary>
    internal const int AddressMax = (1 << AddressBits) - 1;

    private RecordedEntry(uint code, int version, int result)
        : this((OperationKind)(code >> AddressBits), (int)(code & AddressMax), version, result)
    {
    }

    /// <summary>What it does, and to what, as one number.</summary>
    internal uint Code { get; } = ((uint)kind << AddressBits) | (uint)address;

    /// <summary>What it does; None if the object belongs to the step of the entry before.</summary>
    internal OperationKind Kind => (OperationKind)(Code >> AddressBits);

    /// <summary>The object; without meaning if the version is 0.</summary>
    internal int Address => (int)(Code & AddressMax);

    /// <summary>
    /// The version that it has made, or for a try that has failed, has seen; 0 if it touches no object.
    /// </summary>
    internal int Version { get; } = version;

    /// <summary>What it has yielded.</summary>
    internal int Result { get; } = result;

    /// <summary>The entry with such a code.</summary>
    internal static RecordedEntry Of(uint code, int version, int result) => new(code, version, result);

    /// <summary>The same with the version that it really has made.</summary>
    internal RecordedEntry WithVersion(int made) => new(Code, made, Result);
}
