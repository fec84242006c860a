namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>
/// Remembers between which values each word of memory has been, to name a counter that may grow for ever.
/// </summary>
internal sealed class GrowthWatch(int[] boot)
{
    private readonly int[] _smallest = [.. boot];
    private readonly int[] _largest = [.. boot];

    /// <summary>The values between which a word has been.</summary>
    internal ValueRange this[int word] => new(_smallest[word], _largest[word]);

    /// <summary>Looks at the words in which a new state differs from one that was looked at before.</summary>
    internal void Watch(ReadOnlySpan<int> words, ReadOnlySpan<int> values)
    {
        for (int i = 0; i < words.Length; i++)
        {
            ref int largest = ref _largest[words[i]];
            if (values[i] > largest)
                largest = values[i];

            ref int smallest = ref _smallest[words[i]];
            if (values[i] < smallest)
                smallest = values[i];
        }
    }
}

/// <summary>The values between which a number has been.</summary>
internal readonly record struct ValueRange(long Smallest, long Largest)
{
    /// <summary>The range of both.</summary>
    internal ValueRange With(ValueRange other) =>
        new(Math.Min(Smallest, other.Smallest), Math.Max(Largest, other.Largest));
}
