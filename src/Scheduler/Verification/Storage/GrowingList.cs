using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>A list that grows by blocks, so that it never copies itself and never needs twice its size.</summary>
/// <remarks>
/// Different elements may be written from different threads once <see cref="EnsureCapacity"/> has made room.
/// </remarks>
internal sealed class GrowingList<T>
    where T : unmanaged
{
    private const int BlockBits = 16;
    private const int BlockSize = 1 << BlockBits;

    private readonly Lock _growing = new();
    private T[][] _blocks = [];

    internal unsafe long Bytes => (long)_blocks.Length * BlockSize * sizeof(T);

    /// <summary>Elements that there is room for.</summary>
    internal int Capacity => _blocks.Length * BlockSize;

    internal ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _blocks[index >> BlockBits][index & (BlockSize - 1)];
    }

    /// <summary>Asks the processor to fetch an element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(int index)
    {
        if (Sse.IsSupported)
            // A hint, so it does no harm if the collector moves the block.
            Sse.Prefetch0(Unsafe.AsPointer(ref this[index]));
    }

    /// <summary>Writes the first elements.</summary>
    internal void Save(BinaryWriter writer, int count)
    {
        writer.Write(count);
        for (int first = 0; first < count; first += BlockSize)
        {
            ReadOnlySpan<T> block = _blocks[first >> BlockBits].AsSpan(0, Math.Min(BlockSize, count - first));
            writer.Write(MemoryMarshal.AsBytes(block));
        }
    }

    /// <summary>Reads as many elements as were written; yields how many those are.</summary>
    internal int Load(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count > 0)
            EnsureCapacity(count - 1);

        for (int first = 0; first < count; first += BlockSize)
        {
            Span<T> block = _blocks[first >> BlockBits].AsSpan(0, Math.Min(BlockSize, count - first));
            reader.ReadExactly(MemoryMarshal.AsBytes(block));
        }

        return count;
    }

    /// <summary>Makes room for the element <paramref name="index"/> and all before it.</summary>
    internal void EnsureCapacity(int index)
    {
        if (index >> BlockBits < Volatile.Read(ref _blocks).Length)
            return;

        lock (_growing)
        {
            while (index >> BlockBits >= _blocks.Length)
                Volatile.Write(ref _blocks, [.. _blocks, new T[BlockSize]]);
        }
    }
}
