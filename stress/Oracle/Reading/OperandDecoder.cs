using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Reads the operands of one instruction.</summary>
internal sealed class OperandDecoder(
    JsonElement element, OraclePlace place, ProgramNames names, ThreadNames own)
{
    private static readonly Comparison[] s_comparisons = Enum.GetValues<Comparison>();

    /// <summary>How many there are.</summary>
    internal int Count => element.GetArrayLength() - 1;

    internal OraclePlace Place => place;

    internal int Lock(int operand) => names.Locks.IndexOf(Name(operand, "a lock"));

    internal int Condition(int operand) => names.Conditions.IndexOf(Name(operand, "a condition"));

    internal string Label(int operand) => Name(operand, "a label");

    internal int Written(int operand) => own.Write(Name(operand, "a register"));

    internal int Read(int operand) => own.Read(Name(operand, "a register"), place);

    internal int Int(int operand) => place.Int(element[operand], "a value");

    internal int Channel(int operand)
    {
        string name = Name(operand, "a channel");
        return names.Channels.TryFind(name, out int index)
            ? index
            : throw place.Fail($"there is no channel '{name}': 'channels' declares them with their room, \"{name}\":1");
    }

    /// <summary>The instruction, about a variable or an element of an array.</summary>
    internal OracleInstruction OnVariable(int operand, OracleOpcode opcode)
    {
        JsonElement variable = element[operand];
        if (variable.ValueKind != JsonValueKind.Object)
            return new(opcode) { Target = names.Variable(Name(operand, "a variable"), place) };

        ArrayElement found = Parse(variable, "an element of an array", OracleJson.Default.ArrayElement);
        (int first, int length) = names.Array(found.Array, place);
        OracleValue index = Value(found.At, "a place in an array");
        return index.Register >= 0 || (uint)index.Plus < (uint)length
            ? new(opcode) { Target = first, Length = length, Index = index }
            : throw place.Fail($"'{found.Array}' has elements 0 to {length - 1}, and no {index.Plus}");
    }

    internal OracleValue Value(int operand) => Value(element[operand], "a value");

    internal Comparison Comparison(int operand)
    {
        string sign = Name(operand, "a comparison");
        int index = Array.FindIndex(s_comparisons, comparison => comparison.Sign() == sign);
        string all = string.Join(", ", s_comparisons.Select(comparison => comparison.Sign()));
        return index >= 0 ? s_comparisons[index] : throw place.Fail($"'{sign}' is no comparison: {all} are");
    }

    internal OracleOperator Operator(int operand)
    {
        string sign = Name(operand, "an operator");
        int index = OracleOperators.Signs.ToList().IndexOf(sign);
        return index >= 0
            ? (OracleOperator)index
            : throw place.Fail($"'{sign}' is no operator: {string.Join(", ", OracleOperators.Signs)} are");
    }

    private string Name(int operand, string what) => place.Name(element[operand], what);

    private OracleValue Value(JsonElement value, string what)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return OracleValue.Of(place.Int(value, what));

        StoredValue stored = Parse(value, "a stored value", OracleJson.Default.StoredValue);
        return new OracleValue(own.Read(stored.Reg, place), stored.Plus);
    }

    private T Parse<T>(JsonElement value, string what, JsonTypeInfo<T> type)
    {
        try
        {
            return value.Deserialize(type)!;
        }
        catch (JsonException inner)
        {
            throw place.Fail($"{what}: {JsonProblem.Of(inner)}", inner);
        }
    }
}
