namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>A field that is not as the trace says; the values are as a person reads them.</summary>
public sealed record FieldDifference(string Field, string Expected, string Got);

/// <summary>Collects the fields in which two steps differ.</summary>
internal sealed class Differences
{
    private readonly List<FieldDifference> _found = [];

    /// <summary>What was found, in the order of comparing.</summary>
    public IReadOnlyList<FieldDifference> Found => _found;

    /// <summary>Compares one value.</summary>
    public void Compare<T>(string field, T expected, T got, Func<T, string>? show = null)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, got))
            _found.Add(new FieldDifference(field, Show(expected, show), Show(got, show)));
    }

    /// <summary>Compares cell by cell what has the same number of cells, and as a whole what has not.</summary>
    public void CompareCells<T>(string field, ValueArray<T> expected, ValueArray<T> got, Func<T, string>? show = null)
    {
        if (expected.Count != got.Count)
        {
            CompareLists(field, expected, got, show);
            return;
        }

        for (int i = 0; i < expected.Count; i++)
            Compare($"{field}[{i}]", expected[i], got[i], show);
    }

    /// <summary>Compares lists, whose order and length matter.</summary>
    public void CompareLists<T>(string field, ValueArray<T> expected, ValueArray<T> got, Func<T, string>? show = null)
    {
        if (expected != got)
            _found.Add(new FieldDifference(field, ShowAll(expected, show), ShowAll(got, show)));
    }

    /// <summary>An address as the kernel prints it.</summary>
    public static string Address(uint address) => $"0x{address:x8}";

    /// <summary>An address, or none.</summary>
    public static string AddressOrNull(uint? address) => address is { } value ? Address(value) : "null";

    private static string ShowAll<T>(ValueArray<T> items, Func<T, string>? show) =>
        $"[{string.Join(", ", items.Select(item => Show(item, show)))}]";

    private static string Show<T>(T value, Func<T, string>? show) => show?.Invoke(value) ?? value switch
    {
        null => "null",
        bool yes => yes ? "true" : "false",
        _ => value.ToString()!,
    };
}
