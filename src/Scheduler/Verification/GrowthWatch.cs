namespace Kmaplab.Scheduler.Verification;

/// <summary>Remembers the largest magnitude that each word of memory has had, to name a counter that grows for ever.</summary>
internal sealed class GrowthWatch(int words)
{
    private readonly int[] _largest = new int[words];

    internal ReadOnlySpan<int> Largest => _largest;

    /// <summary>Looks at the words in which a new state differs from one that was looked at before.</summary>
    internal void Watch(ReadOnlySpan<int> words, ReadOnlySpan<int> values)
    {
        for (int i = 0; i < words.Length; i++)
        {
            ref int largest = ref _largest[words[i]];
            int magnitude = (int)Magnitude(values[i]);
            if (magnitude > largest)
                largest = magnitude;
        }
    }

    /// <summary>How far a number is from 0, but -1 counts as 0: so no number is without one.</summary>
    internal static long Magnitude(long value) => value ^ (value >> 63);
}
