using System.Runtime.InteropServices;

namespace Kmaplab.Stress.Conformance;

/// <summary>Reads arrays of the format.</summary>
internal static class Lists
{
    /// <summary>The items, or the array of the state before when they are the same, so that states share it.</summary>
    public static ValueArray<T> Shared<T>(List<T> items, ValueArray<T> before)
        => CollectionsMarshal.AsSpan(items).SequenceEqual(before.AsSpan()) ? before : new([.. items]);

    public static ValueArray<int> Ints(ref JsonLine json, int limit)
    {
        var items = new List<int>();
        Ints(ref json, 0, limit, items);
        return new([.. items]);
    }

    /// <summary>Reads numbers from the first up to but without the limit into a list that is emptied before.</summary>
    public static void Ints(ref JsonLine json, int first, int limit, List<int> items)
    {
        items.Clear();
        json.BeginArray();
        while (json.NextItem())
            items.Add(json.InRange(first, limit));
    }

    public static ValueArray<uint> Unsigned(ref JsonLine json)
    {
        var items = new List<uint>();
        json.BeginArray();
        while (json.NextItem())
            items.Add(json.Unsigned());

        return new([.. items]);
    }

    public static ValueArray<ValueArray<ProgramOp>> Programs(ref JsonLine json)
    {
        var programs = new List<ValueArray<ProgramOp>>();
        json.BeginArray();
        while (json.NextItem())
            programs.Add(Program(ref json));

        return new([.. programs]);
    }

    private static ValueArray<ProgramOp> Program(ref JsonLine json)
    {
        var program = new List<ProgramOp>();
        json.BeginArray();
        while (json.NextItem())
        {
            json.BeginArray();
            json.RequireItem();
            TraceOp op = json.Word(TraceWords.Ops);
            if (op is not (TraceOp.Kmap or TraceOp.Kunmap or TraceOp.PageAddress))
                throw json.FailField($"'{TraceWords.Ops[op]}' does not occur in programs");

            json.RequireItem();
            program.Add(new ProgramOp(op, json.Natural()));
            json.EndArray();
        }

        return new([.. program]);
    }
}
