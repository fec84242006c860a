using System.Numerics;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies.Learned;

/// <summary>
/// Ways to states, and how often each state was visited: what strategies that go back remember.
/// </summary>
/// <remarks>
/// Bounded: so many states are counted, and for the least visited of them a way is kept. Arrays grow with the ways that
/// they hold and stay for the next chunk, so that soon nothing is allocated any more.
/// </remarks>
internal sealed class WayArchive
{
    internal const int WaysMax = 256;
    internal const int StepsMax = 4096; // Of a way: with 4 bytes each all of them take 4 MB at most.

    private const int Slots = 8192; // A power of two.
    private const int StatesMax = Slots / 2; // Beyond, a state that is new is not counted.
    private const int Compared = 4;
    private const int LeastRoom = 64;

    private readonly ulong[] _states = new ulong[Slots]; // 0: free.
    private readonly int[] _visits = new int[Slots];
    private readonly Transition[][] _ways =
        [.. Enumerable.Range(0, WaysMax).Select(_ => new Transition[LeastRoom])];
    private readonly int[] _lengths = new int[WaysMax];
    private readonly int[] _slots = new int[WaysMax]; // Of the state that each leads to.
    private readonly short[] _waysTo = new short[Slots]; // 1 + its number; 0 for none.
    private int _counted;

    /// <summary>How many ways there are.</summary>
    internal int Count { get; private set; }

    /// <summary>One of the ways.</summary>
    internal ReadOnlySpan<Transition> this[int way] => _ways[way].AsSpan(0, _lengths[way]);

    /// <summary>Forgets all of them.</summary>
    internal void Clear()
    {
        Array.Clear(_states);
        Array.Clear(_visits);
        Array.Clear(_waysTo);
        Count = 0;
        _counted = 0;
    }

    /// <summary>How often the state that a way leads to was visited, or begun from.</summary>
    internal int Visits(int way) => _visits[_slots[way]];

    /// <summary>An execution begins from there.</summary>
    internal void BeginFrom(int way) => _visits[_slots[way]]++;

    /// <summary>
    /// Counts a visit of a state, and keeps the way to it if it is new; of several ways to one state the first, or, if
    /// <paramref name="draws"/>, any of them.
    /// </summary>
    internal void Visit(ulong state, ReadOnlySpan<Transition> way, ref Pcg32 random, bool draws = false)
    {
        state |= 1;
        int slot = (int)(state >> 32) & (Slots - 1);
        while (_states[slot] != 0 && _states[slot] != state)
            slot = (slot + 1) & (Slots - 1);

        if (_states[slot] == 0)
        {
            if (_counted == StatesMax)
                return;

            _counted++;
            _states[slot] = state;
            if (way.Length is > 0 and <= StepsMax)
                Keep(way, slot, ref random);
        }

        _visits[slot]++;
        if (draws && _waysTo[slot] > 0 && way.Length <= StepsMax && random.Next(_visits[slot]) == 0)
            Write(way, _waysTo[slot] - 1);
    }

    /// <summary>The way to the state that was visited least, of so many that are drawn.</summary>
    internal int DrawLeastVisited(int compared, ref Pcg32 random)
    {
        int best = random.Next(Count);
        for (int i = 1; i < compared; i++)
        {
            int other = random.Next(Count);
            if (Visits(other) < Visits(best))
                best = other;
        }

        return best;
    }

    private void Keep(ReadOnlySpan<Transition> way, int slot, ref Pcg32 random)
    {
        int place = Count;
        if (place < WaysMax)
            Count++;
        else
            _waysTo[_slots[place = DrawMostVisited(ref random)]] = 0;

        Write(way, place);
        _slots[place] = slot;
        _waysTo[slot] = (short)(place + 1);
    }

    private void Write(ReadOnlySpan<Transition> way, int place)
    {
        if (_ways[place].Length < way.Length)
            _ways[place] = new Transition[(int)BitOperations.RoundUpToPowerOf2((uint)way.Length)];

        way.CopyTo(_ways[place]);
        _lengths[place] = way.Length;
    }

    private int DrawMostVisited(ref Pcg32 random)
    {
        int worst = random.Next(Count);
        for (int i = 1; i < Compared; i++)
        {
            int other = random.Next(Count);
            if (Visits(other) > Visits(worst))
                worst = other;
        }

        return worst;
    }
}
