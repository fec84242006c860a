using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>The words that several contexts touch, a byte for each, and what the bytes stand for.</summary>
internal sealed class CellLayout
{
    /// <summary>Bytes of a vector.</summary>
    internal const int Lanes = 64;

    /// <summary>Cells of a state: so many that the rest of a vector holds what else is to be known of a leaf.</summary>
    internal const int Cells = 52;

    /// <summary>No value has this code.</summary>
    internal const byte NoCode = byte.MaxValue;

    /// <summary>All bits of the cells.</summary>
    internal static readonly Vector512<byte> All = Vector512.LessThan(
        Vector512<byte>.Indices, Vector512.Create((byte)Cells));

    /// <summary>The upper half of them.</summary>
    internal static readonly Vector256<byte> UpperAll = All.GetUpper();

    /// <summary>The last cell is always 1, so that it can stand for whatever holds always, or never.</summary>
    internal const byte Constant = Cells - 1;

    /// <summary>What <see cref="Constant"/> is.</summary>
    internal const byte One = 1;

    private const int Plain = 128; // Smaller values stand for themselves.

    private readonly int[] _words;
    private readonly sbyte[] _cells; // Of each word; -1 for none.
    private readonly Dictionary<int, byte> _codes = [];
    private readonly int[] _values = new int[256];
    private readonly byte[] _found = new byte[Cells];

    /// <summary>A cell for each word that is shared.</summary>
    internal CellLayout(WordRoles roles)
    {
        _words = [.. Enumerable.Range(0, roles.Words).Where(roles.IsShared)];
        Fits = _words.Length < Constant;
        _cells = new sbyte[roles.Words];
        Array.Fill(_cells, (sbyte)-1);
        for (int cell = 0; Fits && cell < _words.Length; cell++)
            _cells[_words[cell]] = (sbyte)cell;

        for (int value = 0; value < Plain; value++)
            _values[value] = value;
    }

    /// <summary>Whether there are not too many words, nor too many values.</summary>
    internal bool Fits { get; private set; }

    /// <summary>The words, by cell.</summary>
    internal ReadOnlySpan<int> Words => _words;

    /// <summary>The cell of a word; -1 if it has none.</summary>
    internal int CellOf(int word) => _cells[word];

    /// <summary>The cells of those words that have one; valid until the next call.</summary>
    internal ReadOnlySpan<byte> CellsOf(ReadOnlySpan<int> words)
    {
        int count = 0;
        foreach (int word in words)
        {
            if (_cells[word] >= 0 && count < Cells)
                _found[count++] = (byte)_cells[word];
        }

        return _found.AsSpan(0, count);
    }

    /// <summary>What a byte stands for.</summary>
    internal int ValueOf(byte code) => _values[code];

    /// <summary>The byte for a value.</summary>
    internal byte CodeOf(int value)
    {
        if ((uint)value < Plain)
            return (byte)value;

        if (_codes.TryGetValue(value, out byte code))
            return code;

        if (Plain + _codes.Count == NoCode)
        {
            Fits = false;
            return NoCode;
        }

        code = (byte)(Plain + _codes.Count);
        _codes.Add(value, code);
        _values[code] = value;
        return code;
    }
}
