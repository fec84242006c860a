using System.Numerics;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Remembers the largest magnitude that each word of memory has had, to name a counter that grows for ever.</summary>
internal sealed class GrowthWatch
{
    private int[] _largest = [];

    internal ReadOnlySpan<int> Largest => _largest;

    internal void Watch(ReadOnlySpan<int> memory)
    {
        if (_largest.Length != memory.Length)
            _largest = new int[memory.Length];

        int word = 0;
        for (; word <= memory.Length - Vector<int>.Count; word += Vector<int>.Count)
        {
            var values = new Vector<int>(memory[word..]);
            Vector<int> larger = Vector.Max(values ^ Vector.ShiftRightArithmetic(values, 31), new Vector<int>(_largest, word));
            larger.CopyTo(_largest, word);
        }

        for (; word < memory.Length; word++)
            _largest[word] = Math.Max(_largest[word], (int)Magnitude(memory[word]));
    }

    /// <summary>How far a number is from 0, but -1 counts as 0: so no number is without one.</summary>
    internal static long Magnitude(long value) => value ^ (value >> 63);
}
