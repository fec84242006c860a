using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Recordings.Entries;

/// <summary>Numbers, from 1 on, for the addresses that occur in a run.</summary>
internal sealed class ObjectNumbers
{
    private readonly List<int> _addresses = [];
    private int[] _numbers = []; // By address.

    /// <summary>The addresses that have got one, in that order.</summary>
    internal IReadOnlyList<int> Addresses => _addresses;

    /// <summary>Forgets all, for a run with so many addresses.</summary>
    internal void Clear(int addresses)
    {
        foreach (int address in _addresses)
            _numbers[address] = 0;

        _addresses.Clear();
        if (addresses > _numbers.Length)
            _numbers = new int[addresses];
    }

    /// <summary>The number of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Of(int address)
    {
        int number = _numbers[address];
        return number != 0 ? number : Add(address);
    }

    private int Add(int address)
    {
        _addresses.Add(address);
        return _numbers[address] = _addresses.Count;
    }
}
