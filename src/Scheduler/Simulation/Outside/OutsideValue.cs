using System.Reflection;
using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// Compares the values of places: objects by identity, as their own fields are places of their own, and structs field
/// by field.
/// </summary>
internal static class OutsideValue
{
    /// <summary>
    /// Where two values of a place differ: "" for the whole, ".A.B" for a field of a struct; null if they are the same.
    /// </summary>
    internal static string? Difference(object? before, object? now) => Find(before, now, ReferenceEquals);

    /// <summary>
    /// The same for one place at two boots, whose objects are never the same: it is enough that they are of one type.
    /// </summary>
    internal static string? DifferenceOfBoots(object? one, object? other) =>
        Find(one, other, (a, b) => a is string || b is string ? Equals(a, b) : a?.GetType() == b?.GetType());

    /// <summary>What a value has at a path.</summary>
    internal static object? At(object? value, string path)
    {
        foreach (string name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
            value = value
                ?.GetType()
                .GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                ?.GetValue(value);

        return value;
    }

    /// <summary>A value, for people.</summary>
    internal static string Text(object? value) =>
        value switch
        {
            null => "null",
            string => "a text",
            IFormattable number when value.GetType().IsPrimitive || value is Enum => number.ToString(
                null,
                System.Globalization.CultureInfo.InvariantCulture),
            bool or char => $"{value}",
            Array array => $"an array of {array.Length}",
            _ => $"a {OutsideTypes.NameOf(value.GetType())}",
        };

    private static string? Find(object? one, object? other, Func<object?, object?, bool> areSameObject)
    {
        if (one is null || other is null || !one.GetType().IsValueType || one.GetType() != other.GetType())
            return areSameObject(one, other) ? null : "";

        Type type = one.GetType();
        if (type.IsPrimitive || type.IsEnum)
            return one.Equals(other) ? null : "";

        foreach (FieldInfo field in OutsideTypes.FieldsOf(type, BindingFlags.Instance))
        {
            if (Find(field.GetValue(one), field.GetValue(other), areSameObject) is { } path)
                return $".{field.Name}{path}";
        }

        // Elements of a fixed buffer or an inline array are no fields, except the first.
        return
            OutsideTypes.BytesIn(type) is var bytes
            && bytes > 0
            && !BytesOf(one, bytes).SequenceEqual(BytesOf(other, bytes))
            ? ""
            : null;
    }

    private static Span<byte> BytesOf(object boxed, int bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref ObjectMemory.FirstByte(boxed), bytes);
}
