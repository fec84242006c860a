using System.Text.Json;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Reads the instructions of one thread. What is several steps becomes several.</summary>
internal sealed class InstructionDecoder(OraclePlace thread, ProgramNames names, ThreadNames own)
{
    private readonly List<OracleInstruction> _code = [];
    private readonly List<(int At, string? Label, OraclePlace Place)> _branches = [];

    /// <summary>The code, with every branch resolved.</summary>
    internal IEnumerable<OracleInstruction> Finish()
    {
        foreach ((int at, string? label, OraclePlace place) in _branches)
        {
            int destination = label is null ? _code.Count : own.Find(label, place);
            _code[at] = _code[at] with { Destination = destination };
        }

        own.Check();
        return _code;
    }

    /// <summary>Reads one instruction.</summary>
    internal void Add(JsonElement element, int number)
    {
        OraclePlace place = thread with { Instruction = number };
        place.Require(element, JsonValueKind.Array, "an instruction");
        if (element.GetArrayLength() == 0)
            throw place.Fail("an instruction needs a name");

        string name = place.Name(element[0], "an instruction's name");
        int first = _code.Count;
        Add(name, new OperandDecoder(element, place, names, own));
        for (int i = first; i < _code.Count; i++)
            _code[i] = _code[i] with { Number = number };
    }

    private void Add(string name, OperandDecoder operands)
    {
        if (!AddStep(name, operands) && !AddLocal(name, operands))
            throw operands.Place.Fail($"unknown instruction '{name}'");
    }

    private bool AddStep(string name, OperandDecoder o)
    {
        switch (name)
        {
            case "load":
                Sized(name, o, 2);
                _code.Add(o.OnVariable(1, OracleOpcode.Load) with { Register = o.Written(2) });
                return true;
            case "store":
                Sized(name, o, 2);
                _code.Add(o.OnVariable(1, OracleOpcode.Store) with { Value = o.Value(2) });
                return true;
            case "add":
                Sized(name, o, 3);
                _code.Add(o.OnVariable(1, OracleOpcode.Add) with { Value = o.Value(2), Register = o.Written(3) });
                return true;
            case "exchange":
                Sized(name, o, 3);
                _code.Add(o.OnVariable(1, OracleOpcode.Exchange) with { Value = o.Value(2), Register = o.Written(3) });
                return true;
            case "cas":
                Sized(name, o, 4);
                OracleInstruction cas = o.OnVariable(1, OracleOpcode.Cas) with { Other = o.Value(2) };
                _code.Add(cas with { Value = o.Value(3), Register = o.Written(4) });
                return true;
            case "await":
                Sized(name, o, 2, 3);
                _code.Add(Compared(o.OnVariable(1, OracleOpcode.Await), o, 2));
                return true;
            case "await-add":
                Sized(name, o, 4);
                OracleInstruction adding = o.OnVariable(1, OracleOpcode.AwaitAdd) with { Comparison = o.Comparison(2) };
                _code.Add(adding with { Value = o.Value(3), Other = Delta(o, 4) });
                return true;
            case "down":
                Sized(name, o, 1);
                _code.Add(o.OnVariable(1, OracleOpcode.AwaitAdd) with
                {
                    Comparison = Comparison.Greater,
                    Other = OracleValue.Of(-1),
                });
                return true;
            case "up":
                Sized(name, o, 1);
                _code.Add(o.OnVariable(1, OracleOpcode.Add) with { Value = OracleValue.Of(1) });
                return true;
            case "choose":
                Sized(name, o, 2);
                _code.Add(new(OracleOpcode.Choose) { Value = Outcomes(o, 1), Register = o.Written(2) });
                return true;
            default:
                return AddBlocking(name, o);
        }
    }

    private bool AddBlocking(string name, OperandDecoder o)
    {
        switch (name)
        {
            case "lock":
                Sized(name, o, 1);
                _code.Add(new(OracleOpcode.Lock) { Target = o.Lock(1) });
                return true;
            case "unlock":
                Sized(name, o, 1);
                _code.Add(new(OracleOpcode.Unlock) { Target = o.Lock(1) });
                return true;
            case "trylock":
                Sized(name, o, 2);
                _code.Add(new(OracleOpcode.TryLock) { Target = o.Lock(1), Register = o.Written(2) });
                return true;
            case "wait":
                Sized(name, o, 2);
                int condition = o.Condition(1);
                int mutex = o.Lock(2);
                _code.Add(new(OracleOpcode.Join) { Target = condition });
                _code.Add(new(OracleOpcode.Unlock) { Target = mutex });
                _code.Add(new(OracleOpcode.Woken) { Target = condition });
                _code.Add(new(OracleOpcode.Lock) { Target = mutex });
                return true;
            case "signal":
                Sized(name, o, 1);
                _code.Add(new(OracleOpcode.Signal) { Target = o.Condition(1) });
                return true;
            case "broadcast":
                Sized(name, o, 1);
                _code.Add(new(OracleOpcode.Broadcast) { Target = o.Condition(1) });
                return true;
            case "send":
                Sized(name, o, 2);
                _code.Add(new(OracleOpcode.Send) { Target = o.Channel(1), Value = o.Value(2) });
                return true;
            case "receive":
                Sized(name, o, 2);
                _code.Add(new(OracleOpcode.Receive) { Target = o.Channel(1), Register = o.Written(2) });
                return true;
            default:
                return false;
        }
    }

    private bool AddLocal(string name, OperandDecoder o)
    {
        switch (name)
        {
            case "exit-if" or "exit-unless":
                Sized(name, o, 2, 3);
                Branch(o, null, Condition(o, o.Count, name == "exit-unless"));
                return true;
            case "jump-if" or "jump-unless":
                Sized(name, o, 3, 4);
                Branch(o, o.Label(o.Count), Condition(o, o.Count - 1, name == "jump-unless"));
                return true;
            case "jump":
                Sized(name, o, 1);
                Branch(o, o.Label(1), new(OracleOpcode.Branch));
                return true;
            case "exit":
                Sized(name, o, 0);
                Branch(o, null, new(OracleOpcode.Branch));
                return true;
            case "label":
                Sized(name, o, 1);
                own.Mark(o.Label(1), _code.Count, o.Place);
                return true;
            case "set":
                Sized(name, o, 2);
                _code.Add(new(OracleOpcode.Compute) { Other = o.Value(2), Register = o.Written(1) });
                return true;
            case "compute":
                Sized(name, o, 4);
                OracleValue left = o.Value(2);
                _code.Add(new(OracleOpcode.Compute)
                {
                    Other = left,
                    Operator = o.Operator(3),
                    Value = o.Value(4),
                    Register = o.Written(1),
                });
                return true;
            case "assert":
                Sized(name, o, 2, 3);
                _code.Add(Condition(o, o.Count, isNegated: false) with { Opcode = OracleOpcode.Assert });
                return true;
            default:
                return false;
        }
    }

    private void Branch(OperandDecoder o, string? label, OracleInstruction branch)
    {
        _branches.Add((_code.Count, label, o.Place));
        _code.Add(branch);
    }

    /// <summary>A branch whose condition ends with this operand: a register, maybe a comparison, and a value.</summary>
    private static OracleInstruction Condition(OperandDecoder o, int last, bool isNegated)
    {
        OracleInstruction branch = new(OracleOpcode.Branch) { Register = o.Read(1) };
        Comparison comparison = last == 3 ? o.Comparison(2) : Comparison.Equal;
        return branch with
        {
            Value = o.Value(last),
            Comparison = isNegated ? comparison.Negated() : comparison,
        };
    }

    private static OracleInstruction Compared(OracleInstruction instruction, OperandDecoder o, int from) =>
        o.Count == from
            ? instruction with { Value = o.Value(from) }
            : instruction with { Comparison = o.Comparison(from), Value = o.Value(from + 1) };

    private static OracleValue Outcomes(OperandDecoder o, int operand)
    {
        const int Most = 64; // Of a choice of the machine.
        int outcomes = o.Int(operand);
        return outcomes is >= 1 and <= Most
            ? OracleValue.Of(outcomes)
            : throw o.Place.Fail($"a choice is among 1 to {Most}, not {outcomes}");
    }

    private static OracleValue Delta(OperandDecoder o, int operand)
    {
        const int Most = 1 << 27; // Of what the machine adds after a wait.
        int delta = o.Int(operand);
        return delta is > -Most and < Most
            ? OracleValue.Of(delta)
            : throw o.Place.Fail($"what is added after a wait must be less than {Most}, not {delta}");
    }

    private static void Sized(string name, OperandDecoder o, int operands, int? orMore = null)
    {
        if (o.Count != operands && o.Count != orMore)
        {
            string wanted = orMore is null ? $"{operands}" : $"{operands} or {orMore}";
            throw o.Place.Fail($"'{name}' has {o.Count} operands, must have {wanted}");
        }
    }
}
