using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>The words a trace uses for the values of an enum, in the order the enum declares them.</summary>
/// <remarks>The enum must be backed by an int and count from 0, so that a value is its word's position.</remarks>
public sealed class Words<T>
    where T : struct, Enum
{
    private readonly string[] _words;
    private readonly byte[][] _utf8;

    internal Words(params string[] words)
    {
        if (words.Length != Enum.GetValues<T>().Length)
            throw new InvalidOperationException($"'{typeof(T).Name}' has a value without a word");

        _words = words;
        _utf8 = [.. words.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The word for a value.</summary>
    public string this[T value] => _words[Unsafe.BitCast<T, int>(value)];

    /// <summary>The words a reader accepts, for a message.</summary>
    public string All => string.Join(", ", _words);

    /// <summary>Finds the value a word stands for.</summary>
    public bool TryParse(string word, out T value) => Found(Array.IndexOf(_words, word), out value);

    /// <summary>Finds the value of the string the reader stands on, which must not use escapes.</summary>
    internal bool TryParse(in Utf8JsonReader json, out T value)
    {
        int index = _utf8.Length - 1;
        while (index >= 0 && !json.ValueSpan.SequenceEqual(_utf8[index]))
            index--;

        return Found(index, out value);
    }

    internal ReadOnlySpan<byte> Utf8(T value) => _utf8[Unsafe.BitCast<T, int>(value)];

    private static bool Found(int index, out T value)
    {
        value = Unsafe.BitCast<int, T>(Math.Max(index, 0));
        return index >= 0;
    }
}
