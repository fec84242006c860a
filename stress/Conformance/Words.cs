using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>The words that a trace uses for the values of an enum, as its members name them.</summary>
/// <remarks>The enum must be backed by an int and count from 0, so that a value is its word's position.</remarks>
public static class Words<T>
    where T : struct, Enum
{
    private static readonly string[] s_words = [.. Enum.GetNames<T>().Select(WordOf)];
    private static readonly byte[][] s_utf8 = [.. s_words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The words a reader accepts, for a message.</summary>
    public static string All { get; } = string.Join(", ", s_words);

    /// <summary>The word for a value.</summary>
    public static string Of(T value) => s_words[Unsafe.BitCast<T, int>(value)];

    /// <summary>Finds the value a word stands for.</summary>
    public static bool TryParse(string word, out T value)
    {
        int index = Array.IndexOf(s_words, word);
        value = Unsafe.BitCast<int, T>(Math.Max(index, 0));
        return index >= 0;
    }

    /// <summary>Finds the value of a word in a file, where it must not use escapes.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> word, out T value)
    {
        int index = s_utf8.Length - 1;
        while (index >= 0 && !word.SequenceEqual(s_utf8[index]))
            index--;

        value = Unsafe.BitCast<int, T>(Math.Max(index, 0));
        return index >= 0;
    }

    internal static ReadOnlySpan<byte> Utf8(T value) => s_utf8[Unsafe.BitCast<T, int>(value)];

    private static string WordOf(string member) =>
        typeof(T).GetField(member)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? throw new InvalidOperationException($"'{typeof(T).Name}.{member}' has no word");
}
