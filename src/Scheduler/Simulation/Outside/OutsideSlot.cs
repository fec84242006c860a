using System.Reflection;
using Kmaplab.Scheduler.Coroutines.Source;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>A place outside kernel memory, with the value that it had after the boot.</summary>
/// <param name="owner">The place by which the object that has this one was reached; null for one that a task's body
/// begins at.</param>
internal abstract class OutsideSlot(OutsideSlot? owner)
{
    /// <summary>
    /// Nobody can write it any more, so it is followed, and compared with other boots, but never looked at again.
    /// </summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>
    /// Another boot has to come to the same value: not so for what boots share, and for the insides of collections,
    /// whose order may depend on addresses.
    /// </summary>
    internal bool IsSameInEveryBoot { get; init; }

    /// <summary>What the place holds now.</summary>
    internal abstract object? Value { get; }

    /// <summary>What the place held after the boot.</summary>
    internal abstract object? Before { get; }

    /// <summary>The place, for people.</summary>
    internal abstract string Name { get; }

    /// <summary>The place is inside an object of the framework: people know only where that is.</summary>
    private protected virtual Type? Inside => null;

    private protected OutsideSlot? Owner => owner;

    /// <summary>How its value has changed, in words; null if it has not.</summary>
    internal virtual string? FindChange()
    {
        object? now = Value;
        return OutsideValue.Difference(Before, now) is { } path
            ? $"{Named(path)} has changed{FromTo(path, now)}"
            : null;
    }

    /// <summary>How its value differs from that of the same place after another boot; null if it does not.</summary>
    internal virtual string? FindDifference(OutsideSlot other) =>
        !IsSameInEveryBoot || OutsideValue.DifferenceOfBoots(Before, other.Before) is not { } path
            ? null
            : $"{Named(path).TrimEnd(',')} is {OutsideValue.Text(OutsideValue.At(Before, path))} at one boot and "
                + $"{OutsideValue.Text(OutsideValue.At(other.Before, path))} at the next";

    private string Named(string path)
    {
        if (Inside is { } type)
            return $"the {OutsideTypes.NameOf(type)}{(owner is null ? "" : $" in {owner.Name.TrimEnd(',')}")}";

        return path.Length == 0 ? Name : $"'{path[1..]}' of {Name}";
    }

    private string FromTo(string path, object? now) => Inside is not null ? "" :
        $" from {OutsideValue.Text(OutsideValue.At(Before, path))} to {OutsideValue.Text(OutsideValue.At(now, path))}";
}

/// <summary>A field of an object, a captured variable, or a static field.</summary>
internal sealed class OutsideField(object? instance, FieldInfo declared, OutsideSlot? owner) : OutsideSlot(owner)
{
    internal override object? Value => declared.GetValue(instance);

    internal override object? Before { get; } = declared.GetValue(instance);

    private protected override Type? Inside =>
        instance is not null && OutsideTypes.IsFramework(declared.DeclaringType!) ? instance.GetType() : null;

    internal override string Name
    {
        get
        {
            Type type = declared.DeclaringType!;
            if (OutsideTypes.IsMadeByCompiler(type))
                return $"the variable '{FunctionName.OfLocal(declared.Name) ?? declared.Name}', which a lambda in "
                    + $"{OutsideTypes.NameOf(type.DeclaringType ?? type)} has captured,";

            if (Inside is { } inside && Owner is not null)
                return $"the {OutsideTypes.NameOf(inside)} in {Owner.Name.TrimEnd(',')}";

            // <Name>k__BackingField, or <name>P of a primary constructor.
            string name = FunctionName.OfLocal(declared.Name) ?? declared.Name;
            return $"the {(declared.IsStatic ? "static " : "")}field '{name}' of {OutsideTypes.NameOf(type)}";
        }
    }
}

/// <summary>An element of an array of structs or objects.</summary>
internal sealed class OutsideElement(Array array, int[] index, OutsideSlot? owner) : OutsideSlot(owner)
{
    internal override object? Value => array.GetValue(index);

    internal override object? Before { get; } = array.GetValue(index);

    internal override string Name => OutsideArray.NameOfElement(array, string.Join(", ", index), Owner);
}

/// <summary>An array of numbers.</summary>
internal sealed class OutsideArray(Array array, OutsideSlot? owner) : OutsideSlot(owner)
{
    private readonly byte[] _before = Bytes(array).ToArray();

    internal override object? Value => null; // Nothing to follow.

    internal override object? Before => null;

    internal override string Name => NameOfElement(array, "0", Owner);

    internal override string? FindChange()
    {
        if (Bytes(array).SequenceEqual(_before))
            return null;

        int index = FirstDifference(Bytes(array));
        return $"{NameOf(index)} has changed from {OutsideValue.Text(Element(_before, index))} to "
            + $"{OutsideValue.Text(Element(Bytes(array), index))}";
    }

    internal override string? FindDifference(OutsideSlot other)
    {
        byte[] others = ((OutsideArray)other)._before;
        if (!IsSameInEveryBoot || others.AsSpan().SequenceEqual(_before))
            return null;

        int index = FirstDifference(others);
        return index * Size >= Math.Min(_before.Length, others.Length)
            ? $"the array around {Name} has {_before.Length / Size} elements at one boot and {others.Length / Size} "
                + "at the next"
            : $"{NameOf(index)} is {OutsideValue.Text(Element(_before, index))} at one boot and "
                + $"{OutsideValue.Text(Element(others, index))} at the next";
    }

    internal static string NameOfElement(Array array, string index, OutsideSlot? owner)
    {
        string where = owner is null
            ? $"an array of {OutsideTypes.NameOf(array.GetType().GetElementType()!)}"
            : $"the array in {owner.Name.TrimEnd(',')}";
        return $"element {index} of {where}";
    }

    private int Size => Math.Max(1, _before.Length / Math.Max(1, array.Length));

    private int FirstDifference(ReadOnlySpan<byte> others) => others.CommonPrefixLength(_before) / Size;

    private object? Element(ReadOnlySpan<byte> bytes, int index)
    {
        var one = Array.CreateInstance(array.GetType().GetElementType()!, 1);
        bytes.Slice(index * Size, Size).CopyTo(Bytes(one));
        return one.GetValue(0);
    }

    private string NameOf(int index) => NameOfElement(array, string.Join(", ", Indices(index)), Owner);

    private int[] Indices(int index)
    {
        int[] indices = new int[array.Rank];
        for (int rank = array.Rank - 1; rank >= 0; rank--)
            (index, indices[rank]) = Math.DivRem(index, array.GetLength(rank));

        return indices;
    }

    private static Span<byte> Bytes(Array numbers) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
        ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(numbers), Buffer.ByteLength(numbers));
}
