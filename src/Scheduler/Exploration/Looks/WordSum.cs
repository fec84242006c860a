using System.Numerics;
using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Exploration.Looks;

/// <summary>The contents of kernel memory as one value: the sum of all words, each times a key of its own.</summary>
/// <remarks>
/// In cells it is the sum of those cells that are kernel memory, and of a constant for each position and for all the
/// rest; when the machine is in the state as well, the two are compared.
/// </remarks>
internal sealed class WordSum
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private const int Vectors = CellLayout.Lanes / 16; // Of 16 cells as ints.

    private readonly List<(int Start, int Length)> _parts = []; // Of memory, that tasks share.
    private readonly int[] _highKeys; // By address; 0 for what is not counted.
    private readonly int[] _lowKeys;
    private readonly Vector512<uint>[] _highOfCells = new Vector512<uint>[Vectors];
    private readonly Vector512<uint>[] _lowOfCells = new Vector512<uint>[Vectors];
    private readonly List<(uint High, uint Low)> _ofPositions = [];
    private CellMap? _map;
    private ulong _cells; // A bit for each that is counted.
    private bool _isAnyInPositions;
    private (uint High, uint Low) _rest;

    /// <summary>The sum of memory that machines have from this image.</summary>
    internal WordSum(MachineImage image)
    {
        Image = image;
        _highKeys = new int[image.Memory.Length];
        _lowKeys = new int[image.Memory.Length];
        foreach (MemoryRegion region in image.Regions.Where(region => region.Role == RegionRole.Kernel))
            Add(region);

        Words = _parts.Sum(part => part.Length);
    }

    /// <summary>What the machines were booted from.</summary>
    internal MachineImage Image { get; }

    /// <summary>How many words are counted.</summary>
    internal int Words { get; }

    /// <summary>The sum of what a machine has in memory.</summary>
    internal ulong Of(int[] memory)
    {
        (uint high, uint low) = (0, 0);
        foreach ((int start, int length) in _parts)
        {
            ReadOnlySpan<int> words = memory.AsSpan(start, length);
            high += SumOfProducts(words, _highKeys.AsSpan(start, length));
            low += SumOfProducts(words, _lowKeys.AsSpan(start, length));
        }

        return Mix(high, low);
    }

    /// <summary>The same of a state in cells.</summary>
    internal ulong Of(CellLooks looks)
    {
        CellMap map = looks.Cells.Map;
        if (_map != map || _ofPositions.Count != map.Positions.Count)
            Learn(looks.Cells);

        (uint high, uint low) = Sum(looks.Cells.State, map.Layout);
        ulong sum = Mix(high + _rest.High, low + _rest.Low);
        if (looks.IsCompared && Of(looks.Cells.Machine.Memory) is var real && real != sum)
            throw CellLooks.Differs("what is in kernel memory", $"{real:x}", $"{sum:x}");

        return sum;
    }

    private (uint High, uint Low) Sum(CellState state, CellLayout layout)
    {
        (uint high, uint low) = SumOfCells(state.Cells);
        ulong coded = state.Cells.ExtractMostSignificantBits() & _cells; // Others stand for themselves.
        for (; coded != 0; coded &= coded - 1)
        {
            int cell = BitOperations.TrailingZeroCount(coded);
            byte code = state[(byte)cell];
            int word = layout.Words[cell];
            uint more = (uint)(layout.ValueOf(code) - code);
            high += more * (uint)_highKeys[word];
            low += more * (uint)_lowKeys[word];
        }

        if (!_isAnyInPositions)
            return (high, low);

        foreach (int position in state.Positions)
        {
            high += _ofPositions[position].High;
            low += _ofPositions[position].Low;
        }

        return (high, low);
    }

    private (uint High, uint Low) SumOfCells(Vector512<byte> cells)
    {
        (Vector512<ushort> lower, Vector512<ushort> upper) = Vector512.Widen(cells);
        (Vector512<uint> first, Vector512<uint> second) = Vector512.Widen(lower);
        (Vector512<uint> third, Vector512<uint> fourth) = Vector512.Widen(upper);
        Vector512<uint>[] high = _highOfCells;
        Vector512<uint>[] low = _lowOfCells;
        return (
            Vector512.Sum((first * high[0]) + (second * high[1]) + (third * high[2]) + (fourth * high[3])),
            Vector512.Sum((first * low[0]) + (second * low[1]) + (third * low[2]) + (fourth * low[3])));
    }

    private void Learn(CellMachine cells)
    {
        CellMap map = cells.Map;
        bool isNew = _map != map;
        if (isNew)
        {
            _map = map;
            _ofPositions.Clear();
            _isAnyInPositions = false;
            _rest = (0, 0);
            LearnCells(map.Layout, cells.HiddenFromLooks);
        }

        for (int position = _ofPositions.Count; position < map.Positions.Count; position++)
            _ofPositions.Add(OfPosition(map.Positions, position));

        if (isNew)
            FindRest(cells);
    }

    private void LearnCells(CellLayout layout, MemoryRegion? hidden)
    {
        Array.Clear(_highOfCells);
        Array.Clear(_lowOfCells);
        _cells = 0;
        for (int cell = 0; cell < layout.Words.Length; cell++)
        {
            int word = layout.Words[cell];
            if ((_highKeys[word] | _lowKeys[word]) == 0 || (hidden is not null && hidden.Contains(word)))
                continue;

            _cells |= 1UL << cell;
            int vector = cell / Vector512<uint>.Count;
            int element = cell % Vector512<uint>.Count;
            _highOfCells[vector] = _highOfCells[vector].WithElement(element, (uint)_highKeys[word]);
            _lowOfCells[vector] = _lowOfCells[vector].WithElement(element, (uint)_lowKeys[word]);
        }
    }

    private (uint High, uint Low) OfPosition(PositionTable positions, int number)
    {
        Position position = positions[number];
        ReadOnlySpan<int> words = positions.OwnWords(position.Context);
        (uint high, uint low) = (0, 0);
        for (int i = 0; i < words.Length; i++)
        {
            high += (uint)position.Words[i] * (uint)_highKeys[words[i]];
            low += (uint)position.Words[i] * (uint)_lowKeys[words[i]];
            _isAnyInPositions |= (_highKeys[words[i]] | _lowKeys[words[i]]) != 0;
        }

        return (high, low);
    }

    /// <summary>What never changes: the difference to the sum of the same state in memory.</summary>
    private void FindRest(CellMachine cells)
    {
        int[] memory = new int[_highKeys.Length];
        cells.Map.Write(cells.State.Cells, cells.State.Positions, memory);
        (uint high, uint low) = Sum(cells.State, cells.Map.Layout);
        foreach ((int start, int length) in _parts)
        {
            for (int word = start; word < start + length; word++)
            {
                _rest.High += (uint)memory[word] * (uint)_highKeys[word];
                _rest.Low += (uint)memory[word] * (uint)_lowKeys[word];
            }
        }

        _rest = (_rest.High - high, _rest.Low - low);
    }

    private void Add(MemoryRegion region)
    {
        for (int word = region.Start; word < region.Start + region.Length; word++)
        {
            ulong key = Mix((ulong)word);
            (_highKeys[word], _lowKeys[word]) = ((int)(key >> 32), (int)key);
        }

        // What lies side by side is summed at once.
        if (_parts is [.., var (start, length)] && start + length == region.Start)
            _parts[^1] = (start, length + region.Length);
        else
            _parts.Add((region.Start, region.Length));
    }

    private static uint SumOfProducts(ReadOnlySpan<int> words, ReadOnlySpan<int> keys)
    {
        Vector256<int> sums = Vector256<int>.Zero;
        int i = 0;
        for (; i + Vector256<int>.Count <= words.Length; i += Vector256<int>.Count)
            sums += Vector256.Create(words[i..]) * Vector256.Create(keys[i..]);

        int sum = Vector256.Sum(sums);
        for (; i < words.Length; i++)
            sum += words[i] * keys[i];

        return (uint)sum;
    }

    private static ulong Mix(uint high, uint low) => Mix(((ulong)high << 32) | low);

    private static ulong Mix(ulong value)
    {
        value = (value + 1) * Golden;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
