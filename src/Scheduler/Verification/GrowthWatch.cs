using System.Numerics;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Remembers the largest value that each word of memory has had, to name a counter that grows for ever.</summary>
internal sealed class GrowthWatch
{
    private int[] _largest = [];

    internal ReadOnlySpan<int> Largest => _largest;

    internal void Watch(ReadOnlySpan<int> memory)
    {
        if (_largest.Length != memory.Length)
            _largest = memory.ToArray();

        int word = 0;
        for (; word <= memory.Length - Vector<int>.Count; word += Vector<int>.Count)
        {
            Vector<int> larger = Vector.Max(new Vector<int>(memory[word..]), new Vector<int>(_largest, word));
            larger.CopyTo(_largest, word);
        }

        for (; word < memory.Length; word++)
            _largest[word] = Math.Max(_largest[word], memory[word]);
    }
}
