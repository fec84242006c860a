using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>For each position the way to its leaves.</summary>
/// <remarks>
/// The table of a position has a place for each key that was met, nearly always the first that its chooser names, and
/// else the second. It only proposes: whether a leaf is right, its guards decide.
/// </remarks>
internal sealed class KeyTable
{
    private const int TriesEach = 32; // Of factors, before the table is made larger.
    private const int SparePlaces = 8; // For a key, before second places are used.
    private const int PlacesMax = 1 << 20;

    private readonly AlignedBlock<Chooser> _choosers = new();
    private readonly List<Keys> _keys = []; // Of each position.
    private ushort[] _places = new ushort[1024];
    private int _used;
    private ulong _random = 1;

    internal long Bytes =>
        ((long)_used * sizeof(ushort)) + ((long)_choosers.Count * Unsafe.SizeOf<Chooser>());

    /// <summary>Whether there is no room for more.</summary>
    internal bool IsFull => _used >= PlacesMax;

    /// <summary>The chooser of position 0, which the others follow, until one is added.</summary>
    internal ref Chooser FirstChooser => ref _choosers.First;

    /// <summary>The leaves in all places, until one is added.</summary>
    internal ref ushort FirstPlace => ref MemoryMarshal.GetArrayDataReference(_places);

    /// <summary>The bytes of some cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Pick(Vector512<byte> cells, Vector512<byte> which) => Avx512Vbmi.IsSupported
        ? Avx512Vbmi.PermuteVar64x8(cells, which)
        : Vector512.Shuffle(cells, which);

    /// <summary>The bytes of at most 16 cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> PickFew(in Vector512<byte> cells, Vector128<byte> which)
    {
        if (!CellState.HasHalves)
            return Pick(cells, which.ToVector256Unsafe().ToVector512Unsafe()).GetLower().GetLower();

        // A shuffle sees four bits of a number and a quarter of the cells; the next two bits say in which quarter.
        ref byte first = ref Unsafe.As<Vector512<byte>, byte>(ref Unsafe.AsRef(in cells));
        const int Quarter = CellLayout.Lanes / 4;
        Vector128<byte> isOdd = Sse2.ShiftLeftLogical(which.AsUInt16(), 3).AsByte();
        Vector128<byte> isUpper = Sse2.ShiftLeftLogical(which.AsUInt16(), 2).AsByte();
        return Sse41.BlendVariable(
            Sse41.BlendVariable(
                Ssse3.Shuffle(Vector128.LoadUnsafe(ref first), which),
                Ssse3.Shuffle(Vector128.LoadUnsafe(ref first, Quarter), which),
                isOdd),
            Sse41.BlendVariable(
                Ssse3.Shuffle(Vector128.LoadUnsafe(ref first, 2 * Quarter), which),
                Ssse3.Shuffle(Vector128.LoadUnsafe(ref first, 3 * Quarter), which),
                isOdd),
            isUpper);
    }

    /// <summary>The key of a position in a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> KeyOf(in Chooser chooser, Vector512<byte> cells) =>
        Pick(cells, chooser.Cells.ToVector256Unsafe().ToVector512Unsafe()).GetLower().GetLower();

    /// <summary>The leaf of a position whose guards hold; 0 if none is known.</summary>
    internal int Find(LeafTable leaves, int position, in Vector512<byte> cells)
    {
        ref Chooser chooser = ref _choosers[position];
        ulong product = chooser.Product(PickFew(cells, chooser.Cells));
        int leaf = _places[chooser.First(product)];
        if (leaves[leaf].HoldsIn(cells))
            return leaf;

        leaf = _places[chooser.Second(product)];
        return leaves[leaf].HoldsIn(cells) ? leaf : 0;
    }

    /// <summary>Makes room for positions with numbers below <paramref name="count"/>.</summary>
    internal void Reserve(int count)
    {
        while (_choosers.Count < count)
        {
            int position = _choosers.Add();
            _choosers[position].Cells = Vector128.Create(CellLayout.Constant);
            _keys.Add(new Keys());
            Spread(position);
        }
    }

    /// <summary>
    /// From now on the key of a position in a state leads to a leaf; some cells are known to tell its leaves apart.
    /// </summary>
    internal void Lead(int position, ReadOnlySpan<byte> deciding, Vector512<byte> cells, int leaf)
    {
        Distinguish(position, deciding);
        Keys keys = _keys[position];
        ref Chooser chooser = ref _choosers[position];
        Vector128<byte> key = KeyOf(chooser, cells);
        int known = keys.Leaves.FindIndex(each => each.Key == key);
        if (known >= 0)
            keys.Leaves[known] = (key, leaf); // There are more cells than a key has room for.
        else
            keys.Leaves.Add((key, leaf));

        ref ushort place = ref _places[chooser.First(chooser.Product(key))];
        if (known < 0 && place == 0)
            place = (ushort)leaf;
        else
            Spread(position);
    }

    /// <summary>Makes cells part of a key, if there is room; what was known is forgotten then.</summary>
    private void Distinguish(int position, ReadOnlySpan<byte> deciding)
    {
        Keys keys = _keys[position];
        int before = keys.Cells.Count;
        foreach (byte cell in deciding)
        {
            if (keys.Cells.Count < Chooser.CellsMax && !keys.Cells.Contains(cell))
                keys.Cells.Add(cell);
        }

        if (keys.Cells.Count == before)
            return;

        Vector128<byte> selected = Vector128.Create(CellLayout.Constant);
        for (int i = 0; i < keys.Cells.Count; i++)
            selected = selected.WithElement(i, keys.Cells[i]);

        _choosers[position].Cells = selected;
        keys.Leaves.Clear();
        Spread(position);
    }

    /// <summary>Gives each key of a position a place of its own.</summary>
    private void Spread(int position)
    {
        Keys keys = _keys[position];
        ref Chooser chooser = ref _choosers[position];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, 2 * keys.Leaves.Count));
        for (; ; size *= 2)
        {
            chooser.Places = Room(keys, size);
            chooser.Shift = 64 - BitOperations.Log2((uint)size);
            for (int i = 0; i < TriesEach; i++)
            {
                (chooser.FirstFactor, chooser.SecondFactor) = (Next() | 1, Next() | 1);
                if (Place(keys, chooser, size, hasSeconds: size >= SparePlaces * keys.Leaves.Count))
                    return;
            }
        }
    }

    private int Room(Keys keys, int size)
    {
        if (size > keys.Places)
        {
            (keys.FirstPlace, keys.Places) = (_used, size);
            _used += size;
            while (_used > _places.Length)
                Array.Resize(ref _places, _places.Length * 2);
        }

        return keys.FirstPlace;
    }

    private bool Place(Keys keys, in Chooser chooser, int size, bool hasSeconds)
    {
        _places.AsSpan(chooser.Places, size).Clear();
        foreach ((Vector128<byte> key, int leaf) in keys.Leaves)
        {
            ulong product = chooser.Product(key);
            ref ushort place = ref _places[chooser.First(product)];
            if (place != 0 && hasSeconds)
                place = ref _places[chooser.Second(product)];

            if (place != 0)
                return false;

            place = (ushort)leaf;
        }

        return true;
    }

    // Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    private ulong Next()
    {
        ulong x = _random += 0x9E37_79B9_7F4A_7C15;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }

    private sealed class Keys
    {
        internal List<byte> Cells { get; } = [];

        internal List<(Vector128<byte> Key, int Leaf)> Leaves { get; } = [];

        internal int FirstPlace { get; set; }

        internal int Places { get; set; }
    }
}
