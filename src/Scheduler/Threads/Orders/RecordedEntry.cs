using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What a task has done to one object.</summary>
internal readonly struct RecordedEntry(OperationKind kind, int address, int version, int result)
{
    private const int AddressBits = 26; // More than there are words of kernel memory.

    private readonly uint _code = ((uint)kind << AddressBits) | (uint)address;

    /// <summary>What it does; None if the object belongs to the step of the entry before.</summary>
    internal OperationKind Kind => (OperationKind)(_code >> AddressBits);

    /// <summary>The object; without meaning if the version is 0.</summary>
    internal int Address => (int)(_code & ((1u << AddressBits) - 1));

    /// <summary>
    /// The version that it has made, or for a try that has failed, has seen; 0 if it touches no object.
    /// </summary>
    internal int Version { get; } = version;

    /// <summary>What it has yielded.</summary>
    internal int Result { get; } = result;
}
