using System.Numerics;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings.Entries;

/// <summary>
/// What a task is likely to do next: what it did when it had done the same before. Whoever writes and whoever reads
/// expect the same, so what is as expected takes no room.
/// </summary>
/// <remarks>
/// Kernel code goes the same few ways again and again. Nothing here decides what is written, only how long it gets.
/// Objects are numbers from 1 on; 0 stands for none.
/// </remarks>
internal sealed class EntryExpectation
{
    private const int SlotBits = 12;
    private const uint Mixer = 0x9E37_79B1;

    private readonly (uint Code, int Result)[] _next = new (uint, int)[1 << SlotBits];
    private int[] _versions = new int[64]; // By object, as the task has seen it last.
    private uint _before;
    private uint _last;

    /// <summary>The next entry, most likely; its version follows from it.</summary>
    internal ref (uint Code, int Result) Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            uint mixed = (_last * Mixer) ^ BitOperations.RotateLeft(_before * Mixer, 7);
            return ref _next[mixed >> (32 - SlotBits)];
        }
    }

    /// <summary>The version that an entry has if nobody else has come to its object meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int VersionOf(RecordedEntry entry)
    {
        int number = entry.Address;
        return number == 0 ? 0 : SeenOf(number) + entry.Kind switch
        {
            OperationKind.Acquire or OperationKind.Release => 1,
            OperationKind.TryAcquire => entry.Result == 0 ? 0 : 1,
            _ => 2,
        };
    }

    /// <summary>This is what it was, in place of what <see cref="Next"/> has yielded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Learn(ref (uint Code, int Result) next, RecordedEntry entry)
    {
        next = (entry.Code, entry.Result);
        if (entry.Address >= _versions.Length)
            Array.Resize(ref _versions, Math.Max(entry.Address + 1, _versions.Length * 2));

        _versions[entry.Address] = entry.Version;
        _before = _last;
        _last = entry.Code;
    }

    private int SeenOf(int number) => (uint)number < (uint)_versions.Length ? _versions[number] : 0;
}
