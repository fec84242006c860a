using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Ends of executions with which nothing was wrong: there are few, and all look at them alike.</summary>
internal sealed class GoodEnds(int checkEvery)
{
    private const int Max = 1 << 18; // Each takes some 40 bytes.

    private readonly HashSet<UInt128> _hashes = [];
    private CheckRhythm _checks = new(checkEvery);

    /// <summary>Whether an end is known, and none of those that are judged again.</summary>
    internal bool IsKnown(CellState state, out UInt128 hash)
    {
        hash = HashOf(state);
        return _hashes.Contains(hash) && !_checks.IsDue();
    }

    /// <summary>Whether it was found to be good before.</summary>
    internal bool Contains(UInt128 hash) => _hashes.Contains(hash);

    /// <summary>Nothing is wrong with an end.</summary>
    internal void Add(UInt128 hash)
    {
        if (_hashes.Count < Max)
            _hashes.Add(hash);
    }

    internal void Clear() => _hashes.Clear();

    private static UInt128 HashOf(CellState state)
    {
        int[] positions = state.Positions;
        Span<byte> bytes = stackalloc byte[CellLayout.Lanes + (sizeof(int) * positions.Length)];
        state.Cells.CopyTo(bytes);
        MemoryMarshal.AsBytes(positions.AsSpan()).CopyTo(bytes[CellLayout.Lanes..]);
        return XxHash128.HashToUInt128(bytes);
    }
}
