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

    /// <summary>Takes over between which values a word has been for somebody else.</summary>
    internal void Widen(int word, ValueRange range)
    {
        _smallest[word] = (int)Math.Min(_smallest[word], range.Smallest);
        _largest[word] = (int)Math.Max(_largest[word], range.Largest);
    }

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

    internal void Save(BinaryWriter writer)
    {
        writer.Write(Smallest);
        writer.Write(Largest);
    }

    internal static ValueRange Load(BinaryReader reader) => new(reader.ReadInt64(), reader.ReadInt64());
}
