using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>The leaves: steps as what they do to cells.</summary>
internal sealed class LeafTable
{
    private const int LeavesMax = ushort.MaxValue; // 8 MB, and two bytes for a number.

    private readonly AlignedBlock<Leaf> _leaves = new();
    private readonly AlignedBlock<Vector512<byte>> _kept = new();

    internal LeafTable()
    {
        // No leaf has number 0: it wants the constant cell to be 0.
        _leaves.Add();
        _leaves[0].GuardMask = 1UL << CellLayout.Constant;
        _kept.Add();
        _kept[0] = Vector512<byte>.AllBitsSet;
    }

    internal long Bytes => (long)_leaves.Count * Unsafe.SizeOf<Leaf>();

    /// <summary>Whether there is no room for more.</summary>
    internal bool IsFull => _leaves.Count >= LeavesMax;

    /// <summary>Leaf 0, which the others follow, until one is added.</summary>
    internal ref Leaf First => ref _leaves.First;

    /// <summary>The cells that leaves keep, by number, until one is added.</summary>
    internal ref Vector512<byte> FirstKept => ref _kept.First;

    internal ref Leaf this[int leaf] => ref _leaves[leaf];

    /// <summary>The cells after a step.</summary>
    internal Vector512<byte> After(Vector512<byte> cells, in Leaf leaf) =>
        (cells & _kept[leaf.Kept]) ^ (leaf.Delta & CellLayout.All);

    /// <summary>The same, for cells that are in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Change(ref Vector512<byte> cells, in Leaf leaf)
    {
        if (!CellState.HasHalves)
        {
            cells = After(cells, leaf);
            return;
        }

        ref Vector256<byte> lower = ref CellState.HalvesOf(cells);
        ref Vector256<byte> upper = ref Unsafe.Add(ref lower, 1);
        ref Vector256<byte> delta = ref CellState.HalvesOf(leaf.Delta);
        ref Vector256<byte> kept = ref CellState.HalvesOf(Unsafe.Add(ref FirstKept, leaf.Kept));
        lower = (lower & kept) ^ delta;
        upper = (upper & Unsafe.Add(ref kept, 1)) ^ (Unsafe.Add(ref delta, 1) & CellLayout.UpperAll);
    }

    /// <summary>Adds an empty leaf.</summary>
    internal int Add() => _leaves.Add();

    /// <summary>The number of a vector with all bits of the cells that are kept; -1 if there are too many.</summary>
    internal int NumberOfKept(Vector512<byte> kept)
    {
        for (int i = 0; i < _kept.Count; i++)
        {
            if (_kept[i] == kept)
                return i;
        }

        if (_kept.Count > byte.MaxValue)
            return -1;

        int number = _kept.Add();
        _kept[number] = kept;
        return number;
    }
}
