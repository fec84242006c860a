using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>A list that grows by blocks, so that it never copies itself and never needs twice its size.</summary>
/// <remarks>
/// Different elements may be written from different threads once <see cref="EnsureCapacity"/> has made room.
/// </remarks>
internal sealed class GrowingList<T>
    where T : unmanaged
{
    internal const int BlockSize = 1 << BlockBits;

    private const int BlockBits = 13;

    private readonly Lock _growing = new();
    private T[][] _blocks = new T[16][];
    private int _count; // Of blocks.
    private int _freed;

    internal unsafe long Bytes => (long)(_count - _freed) * BlockSize * sizeof(T);

    /// <summary>Elements that there is room for.</summary>
    internal int Capacity => _count * BlockSize;

    internal ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _blocks[index >> BlockBits][index & (BlockSize - 1)];
    }

    /// <summary>Asks the processor to fetch an element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int index) => CacheLines.Prefetch(ref this[index]);

    /// <summary>The elements of one block; nobody adds any meanwhile.</summary>
    internal Span<T> Block(int block) => _blocks[block];

    /// <summary>Gives the memory of a block back: nobody looks at its elements any more.</summary>
    internal void Free(int block)
    {
        _blocks[block] = [];
        _freed++;
    }

    /// <summary>Writes the elements below <paramref name="count"/>, from a block on.</summary>
    internal void Save(BinaryWriter writer, int count, int from = 0)
    {
        writer.Write(count);
        for (int first = from; first < count; first += BlockSize)
        {
            ReadOnlySpan<T> block = _blocks[first >> BlockBits].AsSpan(0, Math.Min(BlockSize, count - first));
            writer.Write(MemoryMarshal.AsBytes(block));
        }
    }

    /// <summary>Reads what was written; yields how many elements there are with those before.</summary>
    internal int Load(BinaryReader reader, int from = 0)
    {
        int count = reader.ReadInt32();
        if (count > 0)
            EnsureCapacity(count - 1);

        for (int first = from; first < count; first += BlockSize)
        {
            Span<T> block = _blocks[first >> BlockBits].AsSpan(0, Math.Min(BlockSize, count - first));
            reader.ReadExactly(MemoryMarshal.AsBytes(block));
        }

        return count;
    }

    /// <summary>Makes room for the element <paramref name="index"/> and all before it.</summary>
    internal void EnsureCapacity(int index)
    {
        if (index >> BlockBits < Volatile.Read(ref _count))
            return;

        lock (_growing)
        {
            while (index >> BlockBits >= _count)
            {
                T[][] blocks = _blocks;
                if (_count == blocks.Length)
                    Array.Resize(ref blocks, _count * 2);

                blocks[_count] = GC.AllocateArray<T>(BlockSize, pinned: true); // The collector need not move it.
                Volatile.Write(ref _blocks, blocks);
                Volatile.Write(ref _count, _count + 1);
            }
        }
    }
}
