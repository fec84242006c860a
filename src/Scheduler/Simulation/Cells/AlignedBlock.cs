using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Elements in a row, each of which begins a cache line; more are added at the end.</summary>
/// <typeparam name="T">Of a size that is a multiple of a cache line.</typeparam>
internal sealed class AlignedBlock<T>
    where T : unmanaged
{
    private const int LineBytes = 64;
    private const int FirstCapacity = 64;

    private byte[] _bytes = [];
    private int _first; // Where the first element is.
    private int _capacity;

    internal AlignedBlock() => Grow(FirstCapacity);

    /// <summary>The number of elements.</summary>
    internal int Count { get; private set; }

    /// <summary>The first element, until one is added.</summary>
    internal ref T First =>
        ref Unsafe.As<byte, T>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), _first));

    internal ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return ref Unsafe.Add(ref First, index);
        }
    }

    /// <summary>Adds elements of zeros, and yields the number of the first.</summary>
    internal int Add(int count = 1)
    {
        while (Count + count > _capacity)
            Grow(_capacity * 2);

        int first = Count;
        Count += count;
        for (int i = first; i < Count; i++)
            this[i] = default;

        return first;
    }

    internal void Clear() => Count = 0;

    private void Grow(int capacity)
    {
        int size = Unsafe.SizeOf<T>();
        byte[] bytes = GC.AllocateArray<byte>((capacity * size) + LineBytes, pinned: true);
        int first = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) & (LineBytes - 1));
        _bytes.AsSpan(_first, Count * size).CopyTo(bytes.AsSpan(first));
        (_bytes, _first, _capacity) = (bytes, first, capacity);
    }
}
