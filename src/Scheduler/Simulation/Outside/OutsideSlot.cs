using System.Reflection;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>A place outside kernel memory, with the value that it had after the boot.</summary>
internal abstract class OutsideSlot
{
    /// <summary>What the place holds now.</summary>
    internal abstract object? Value { get; }

    /// <summary>How its value has changed, in words; null if it has not.</summary>
    internal abstract string? FindChange();

    // Objects are compared by identity: their own fields are places of their own.
    private protected static bool AreSame(object? before, object? now) =>
        before is null || now is null || !before.GetType().IsValueType ? ReferenceEquals(before, now) : before.Equals(now);

    private protected static string Text(object? value) => value switch
    {
        null => "null",
        bool or char or sbyte or byte or short or ushort or int or uint or long or ulong or float or double or Enum => $"{value}",
        _ => $"a {value.GetType().Name.Split('`')[0]}",
    };
}

/// <summary>A field of an object, a captured variable, or a static field.</summary>
internal sealed class OutsideField(object? owner, FieldInfo field) : OutsideSlot
{
    private readonly object? _before = @field.GetValue(owner);

    internal override object? Value => @field.GetValue(owner);

    internal override string? FindChange()
    {
        object? now = Value;
        return AreSame(_before, now) ? null : $"{Name()} has changed from {Text(_before)} to {Text(now)}";
    }

    private string Name()
    {
        Type type = field.DeclaringType!;
        if (OutsideTypes.IsMadeByCompiler(type))
            return $"the variable '{field.Name}', which a lambda in {type.DeclaringType?.Name.Split('`')[0]} has captured,";

        string name = FunctionName.OfLocal(field.Name) ?? field.Name; // <Name>k__BackingField
        return $"the {(field.IsStatic ? "static " : "")}field '{name}' of {type.Name.Split('`')[0]}";
    }
}

/// <summary>An element of an array of structs or objects.</summary>
internal sealed class OutsideElement(Array array, int index) : OutsideSlot
{
    private readonly object? _before = array.GetValue(index);

    internal override object? Value => array.GetValue(index);

    internal override string? FindChange()
    {
        object? now = Value;
        return AreSame(_before, now) ? null : $"element {index} of an array of {array.GetType().GetElementType()!.Name} has changed from {Text(_before)} to {Text(now)}";
    }
}

/// <summary>An array of numbers.</summary>
internal sealed class OutsideArray(Array array) : OutsideSlot
{
    private readonly Array _before = (Array)array.Clone();

    internal override object? Value => null; // Nothing to follow.

    internal override string? FindChange()
    {
        if (Bytes(array).SequenceEqual(Bytes(_before)))
            return null;

        int index = 0;
        while (array.Rank == 1 && Equals(array.GetValue(index), _before.GetValue(index)))
            index++;

        string change = array.Rank == 1 ? $" from {Text(_before.GetValue(index))} to {Text(array.GetValue(index))}" : "";
        return $"element {index} of an array of {array.GetType().GetElementType()!.Name} has changed{change}";
    }

    private static Span<byte> Bytes(Array numbers) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
        ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(numbers), Buffer.ByteLength(numbers));
}
