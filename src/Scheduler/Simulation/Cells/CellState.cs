using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>A state: the cells, where each context stands, and what follows from that.</summary>
/// <remarks>
/// A processor without vectors of 64 bytes works on their halves, in memory; and on as many bytes of what is a byte for
/// each context as there are of these, if that is a quarter of a vector at most.
/// </remarks>
internal sealed class CellState(int contexts)
{
    /// <summary>The most contexts with which a processor that has only halves is fast.</summary>
    internal const int FewContexts = 16;

    private readonly bool _isFew = HasHalves && contexts <= FewContexts;
    private readonly AlignedBlock<Vector512<byte>> _vectors = WithRoom(); // Cells, ready cells, ready values.
    private Vector128<byte> _statusCells; // Of few contexts.
    private Vector128<byte> _statusValues;

    /// <summary>Whether this processor works on halves.</summary>
    internal static bool HasHalves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && !Avx512Vbmi.IsSupported;
    }

    /// <summary>The cells.</summary>
    internal Vector512<byte> Cells
    {
        get => _vectors.First;
        set => _vectors.First = value;
    }

    /// <summary>The same, where they are in memory.</summary>
    internal ref readonly Vector512<byte> CellsInMemory => ref _vectors.First;

    /// <summary>What is in one of them.</summary>
    internal byte this[byte cell]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.Add(ref Unsafe.As<Vector512<byte>, byte>(ref _vectors.First), cell & (CellLayout.Lanes - 1));
    }

    /// <summary>The position of each context.</summary>
    internal int[] Positions { get; } = new int[contexts];

    /// <summary>For each context the cell that says whether it can go on.</summary>
    internal Vector512<byte> ReadyCells
    {
        get => ReadyVector(0);
        set => ReadyVector(0) = value;
    }

    /// <summary>What it is then.</summary>
    internal Vector512<byte> ReadyValues
    {
        get => ReadyVector(1);
        set => ReadyVector(1) = value;
    }

    /// <summary>A bit for each context that stands before a choice.</summary>
    internal ulong Choices { get; private set; }

    /// <summary>The sum of <see cref="StepCounts"/> of all steps so far.</summary>
    internal ulong Counts { get; set; }

    /// <summary>Whether a context stands before a choice.</summary>
    internal bool IsBeforeChoice(int context) => (Choices >> context & 1) != 0;

    /// <summary>A bit for each context that can go on.</summary>
    internal ulong Ready(CellMap map)
    {
        if (!HasHalves)
            return Matches(Cells, ReadyCells, ReadyValues) & Matches(Cells, map.StatusCells, map.StatusValues);

        if (!_isFew)
            return ReadyOfMany(map);

        ref Vector512<byte> cells = ref _vectors.First;
        Vector128<byte> isAwaited = Vector128.Equals(
            KeyTable.PickFew(cells, FirstOf(ReadyVector(0))), FirstOf(ReadyVector(1)));
        Vector128<byte> isRunnable = Vector128.Equals(KeyTable.PickFew(cells, _statusCells), _statusValues);
        return (isAwaited & isRunnable).ExtractMostSignificantBits();
    }

    /// <summary>A state from which an execution begins.</summary>
    internal void Begin(CellMap map, Vector512<byte> cells, ReadOnlySpan<int> positions, ulong counts)
    {
        positions.CopyTo(Positions);
        Cells = cells;
        Counts = counts;
        FindReady(map);
    }

    /// <summary>The positions are others, of the same contexts.</summary>
    internal void FindReady(CellMap map)
    {
        ReadyCells = Vector512.Create(CellLayout.Constant);
        ReadyValues = default;
        _statusCells = map.StatusCells.GetLower().GetLower();
        _statusValues = map.StatusValues.GetLower().GetLower();
        Choices = 0;
        for (int context = 0; context < contexts; context++)
            SetReady(context, map.Positions[Positions[context]].Ready);
    }

    /// <summary>A context performs a step.</summary>
    internal void Take(CellMap map, int context, in Leaf leaf)
    {
        map.Leaves.Change(ref _vectors.First, leaf);
        Positions[context] = leaf.Next;
        Counts += StepCounts.Spread(leaf.Counts);
        SetReady(context, leaf.Ready);
    }

    /// <summary>The lower half of a vector in memory, which the upper one follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref Vector256<byte> HalvesOf(in Vector512<byte> vector) =>
        ref Unsafe.As<Vector512<byte>, Vector256<byte>>(ref Unsafe.AsRef(in vector));

    // Not by an element: the vector is read at once, and would wait for a byte that was written by itself.
    private void SetReady(int context, Readiness ready)
    {
        Choices = (Choices & ~(1UL << context)) | (ready.IsChoice ? 1UL << context : 0);
        if (!HasHalves)
        {
            Vector512<byte> own = Vector512.Equals(Vector512<byte>.Indices, Vector512.Create((byte)context));
            ReadyCells = Vector512.ConditionalSelect(own, Vector512.Create(ready.Cell), ReadyCells);
            ReadyValues = Vector512.ConditionalSelect(own, Vector512.Create(ready.Value), ReadyValues);
        }
        else if (_isFew)
        {
            Vector128<byte> own = Vector128.Equals(Vector128<byte>.Indices, Vector128.Create((byte)context));
            ref Vector128<byte> cells = ref FirstOf(ReadyVector(0));
            ref Vector128<byte> values = ref FirstOf(ReadyVector(1));
            cells = Vector128.ConditionalSelect(own, Vector128.Create(ready.Cell), cells);
            values = Vector128.ConditionalSelect(own, Vector128.Create(ready.Value), values);
        }
        else
        {
            SetReadyOfMany(context, ready);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // Else there would be room for its vectors made each time.
    private ulong ReadyOfMany(CellMap map) =>
        Matches(Cells, ReadyCells, ReadyValues) & Matches(Cells, map.StatusCells, map.StatusValues);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetReadyOfMany(int context, Readiness ready)
    {
        ReadyCells = ReadyCells.WithElement(context, ready.Cell);
        ReadyValues = ReadyValues.WithElement(context, ready.Value);
    }

    private ref Vector512<byte> ReadyVector(int number) => ref Unsafe.Add(ref _vectors.First, 1 + number);

    private static AlignedBlock<Vector512<byte>> WithRoom()
    {
        var block = new AlignedBlock<Vector512<byte>>();
        block.Add(3);
        return block;
    }

    private static ref Vector128<byte> FirstOf(in Vector512<byte> vector) =>
        ref Unsafe.As<Vector512<byte>, Vector128<byte>>(ref Unsafe.AsRef(in vector));

    private static ulong Matches(Vector512<byte> cells, Vector512<byte> which, Vector512<byte> values) =>
        Vector512.Equals(KeyTable.Pick(cells, which), values).ExtractMostSignificantBits();
}
