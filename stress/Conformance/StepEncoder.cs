using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Writes the fields of a step up to its state.</summary>
internal static class StepEncoder
{
    public static void Encode(Utf8JsonWriter json, TraceStep step)
    {
        json.WriteNumber("i", step.Number);
        json.WriteOptional("task", step.Task);
        if (step.Move is FineMove move)
        {
            json.WriteString("did", TraceWords.Labels[move.Did]);
            json.WriteString("next", TraceWords.Labels[move.Next]);
        }

        json.WriteString("op", TraceWords.Ops[step.Op]);
        WriteArguments(json, step);
        json.WriteOptional("vaddr", step.Vaddr);
        json.WriteBoolean("blocked", step.Blocked);
        json.WriteNumbers("woken", step.Woken);
        json.WriteBug(step.Bug);
        WriteMark(json, "irq", step.Irq);
        WriteMark(json, "spinning", step.Spinning);
        WriteMark(json, "livelock", step.Livelock);
    }

    private static void WriteArguments(Utf8JsonWriter json, TraceStep step)
    {
        if (step.Page is int page)
            json.WriteNumber("page", page);

        if (step.Value is uint address)
            json.WriteNumber("value", address);

        if (step.Poke is Poke poke)
        {
            json.WriteString("what", TraceWords.PokeTargets[poke.What]);
            json.WriteNumber("index", poke.Index);
            json.WriteNumber("value", poke.Value);
        }
    }

    private static void WriteMark(Utf8JsonWriter json, string name, bool mark)
    {
        if (mark)
            json.WriteBoolean(name, true);
    }
}
