using System.Text.Json;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Oracle;

/// <summary>Reads one instruction.</summary>
internal sealed class InstructionDecoder(
    JsonElement element, OraclePlace place, NameTable variables, NameTable locks, NameTable registers)
{
    public OracleInstruction Decode()
    {
        place.Require(element, JsonValueKind.Array, "an instruction");
        if (element.GetArrayLength() == 0)
            throw place.Fail("an instruction needs a name");

        string name = place.Name(element[0], "an instruction's name");
        return name switch
        {
            "load" => Sized(name, 2) with { Opcode = OracleOpcode.Load, Target = Variable(1), Register = Written(2) },
            "store" => Store(name),
            "add" => Sized(name, 3) with
            {
                Opcode = OracleOpcode.Add,
                Target = Variable(1),
                Value = Int(2),
                Register = Written(3),
            },
            "cas" => Sized(name, 4) with
            {
                Opcode = OracleOpcode.Cas,
                Target = Variable(1),
                Expected = Int(2),
                Value = Int(3),
                Register = Written(4),
            },
            "lock" => Sized(name, 1) with { Opcode = OracleOpcode.Lock, Target = Lock(1) },
            "unlock" => Sized(name, 1) with { Opcode = OracleOpcode.Unlock, Target = Lock(1) },
            "trylock" => Sized(name, 2) with { Opcode = OracleOpcode.TryLock, Target = Lock(1), Register = Written(2) },
            "await" => Sized(name, 2) with { Opcode = OracleOpcode.Await, Target = Variable(1), Value = Int(2) },
            "exit-if" => Exit(name, OracleOpcode.ExitIf),
            "exit-unless" => Exit(name, OracleOpcode.ExitUnless),
            _ => throw place.Fail($"unknown instruction '{name}'"),
        };
    }

    private OracleInstruction Store(string name)
    {
        OracleInstruction store = Sized(name, 2) with { Opcode = OracleOpcode.Store, Target = Variable(1) };
        JsonElement value = element[2];
        if (value.ValueKind != JsonValueKind.Object)
            return store with { Value = Int(2) };

        StoredValue stored = Stored(value);
        return store with { Opcode = OracleOpcode.StoreRegister, Register = Known(stored.Reg), Value = stored.Plus };
    }

    private StoredValue Stored(JsonElement value)
    {
        try
        {
            return value.Deserialize(OracleJson.Default.StoredValue)!;
        }
        catch (JsonException inner)
        {
            throw place.Fail($"a stored value: {JsonProblem.Of(inner)}", inner);
        }
    }

    private OracleInstruction Exit(string name, OracleOpcode opcode) =>
        Sized(name, 2) with
        {
            Opcode = opcode,
            Register = Known(place.Name(element[1], "a register")),
            Value = Int(2),
        };

    /// <summary>An empty instruction, once it is known that the real one has this many operands.</summary>
    private OracleInstruction Sized(string name, int operands)
    {
        int found = element.GetArrayLength() - 1;
        if (found != operands)
            throw place.Fail($"'{name}' has {found} operands, must have {operands}");

        return new(default, Target: -1, Register: -1, Value: 0, Expected: 0);
    }

    private int Variable(int operand) => variables.IndexOf(place.Name(element[operand], "a variable"));

    private int Lock(int operand) => locks.IndexOf(place.Name(element[operand], "a lock"));

    private int Written(int operand) => registers.IndexOf(place.Name(element[operand], "a register"));

    // Code is straight-line, so a register that no earlier instruction writes has no value.
    private int Known(string name)
    {
        bool written = registers.TryFind(name, out int index);
        return written ? index : throw place.Fail($"register '{name}' is read before it is written");
    }

    private int Int(int operand) => place.Int(element[operand], "a value");
}
