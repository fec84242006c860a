using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Small hash tables from a value to a number that is not 0, all in one array.</summary>
/// <remarks>
/// A table is its mask, the number of its entries, and pairs of value and number in open addressing, at most half full.
/// One that grows moves, and its old place is not used again: all of them together waste less than they use.
/// </remarks>
internal sealed class ValueTables
{
    private const int Header = 2;
    private const int FirstPlaces = 8;

    private int[] _ints = new int[64];
    private int _used = 1; // No table has number 0.

    internal long Bytes => (long)_ints.Length * sizeof(int);

    /// <summary>The number of a value; 0 if the table does not have it.</summary>
    internal int Find(int table, int value) => table == 0 ? 0 : _ints[PlaceOf(table, value) + 1];

    /// <summary>All numbers of a table.</summary>
    internal int[] All(int table)
    {
        if (table == 0)
            return [];

        int places = _ints[table] + 1;
        return [.. Enumerable.Range(0, places).Select(i => _ints[table + Header + (2 * i) + 1]).Where(n => n != 0)];
    }

    /// <summary>Where a value that the table has keeps its number.</summary>
    internal ref int SlotOf(int table, int value) => ref _ints[PlaceOf(table, value) + 1];

    /// <summary>
    /// Adds a value, and yields the number of the table, which may be another one then; 0 for a new one.
    /// </summary>
    internal int Add(int table, int value, int number)
    {
        if (table == 0)
            table = Allocate(FirstPlaces);
        else if (_ints[table + 1] * 2 > _ints[table])
            table = Grow(table);

        int place = PlaceOf(table, value);
        (_ints[place], _ints[place + 1]) = (value, number);
        _ints[table + 1]++;
        return table;
    }

    private int Grow(int table)
    {
        int places = _ints[table] + 1;
        int larger = Allocate(places * 2);
        for (int i = 0; i < places; i++)
        {
            int place = table + Header + (2 * i);
            if (_ints[place + 1] != 0)
                Add(larger, _ints[place], _ints[place + 1]);
        }

        return larger;
    }

    private int Allocate(int places)
    {
        int table = _used;
        _used += Header + (2 * places);
        while (_used > _ints.Length)
            Array.Resize(ref _ints, _ints.Length * 2);

        _ints[table] = places - 1;
        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(int table, int value)
    {
        int[] ints = _ints;
        int mask = ints[table];
        int index = (int)((uint)value * 0x9E37_79B9 >> 16) & mask;
        while (true)
        {
            int place = table + Header + (2 * index);
            if (ints[place + 1] == 0 || ints[place] == value)
                return place;

            index = (index + 1) & mask;
        }
    }
}
