using System.Text.Json;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>
/// An explanation as data: the story, every event of every step, what lasts, and why what follows what.
/// </summary>
internal static class JsonPicture
{
    internal static void Write(Explanation explanation, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        ExecutionTrace trace = explanation.Trace;
        json.WriteStartObject();
        json.WriteString("target", explanation.Experiment.Name);
        json.WriteString("class", trace.Report.Finding?.Class.Name());
        json.WriteString("message", trace.Report.Finding?.Message);
        json.WriteString("headline", explanation.Headline);
        json.WriteBoolean("reproduced", trace.Report.Reproduced);
        json.WriteNumber("preemptions", trace.Report.Preemptions);
        json.WriteString("token", explanation.Token);
        WriteStory(json, explanation);
        json.WriteStartArray("steps");
        foreach (TraceStep step in trace.Steps)
            WriteStep(json, step, trace);

        json.WriteEndArray();
        WriteLanes(json, explanation);
        WriteArrows(json, explanation);
        json.WriteEndObject();
    }

    private static void WriteStory(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartArray("story");
        foreach (StoryLine line in explanation.Story)
        {
            json.WriteStartObject();
            json.WriteNumber("from", line.From);
            json.WriteNumber("to", line.To);
            json.WriteString("who", line.Who);
            json.WriteString("text", line.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStep(Utf8JsonWriter json, TraceStep step, ExecutionTrace trace)
    {
        json.WriteStartObject();
        json.WriteNumber("step", step.Number);
        json.WriteString("transition", step.Transition.ToString());
        json.WriteNumber("context", step.Context);
        json.WriteString("name", trace.Contexts[step.Context]);
        json.WriteNumber("cpu", step.Cpu);
        json.WriteStartArray("events");
        foreach (TraceEvent happened in step.Events)
            WriteEvent(json, happened);

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, TraceEvent happened)
    {
        json.WriteStartObject();
        json.WriteString("kind", happened.Kind.ToString());
        json.WriteNumber("context", happened.Context);
        WriteIfAny("function", happened.Function);
        if (happened.Source is { } source)
        {
            json.WriteString("file", source.File);
            json.WriteNumber("line", source.Line);
        }

        WriteIfAny("text", happened.Text);
        WriteIfAny("result", happened.Result);
        if (happened.Change is { } change)
        {
            json.WriteString("name", change.Name);
            json.WriteString("role", change.Role.ToString());
            json.WriteString("before", change.Before);
            json.WriteString("after", change.After);
        }

        if (happened.Woken >= 0)
            json.WriteNumber("woken", happened.Woken);

        if (happened.Calls.Count > 1)
        {
            json.WriteStartArray("calledBy");
            foreach (KernelCall call in happened.Calls.Skip(1))
                json.WriteStringValue(call.ToString());

            json.WriteEndArray();
        }

        json.WriteEndObject();

        void WriteIfAny(string name, string value)
        {
            if (value.Length > 0)
                json.WriteString(name, value);
        }
    }

    private static void WriteLanes(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartArray("lanes");
        foreach (Lane lane in explanation.Lanes)
        {
            json.WriteStartObject();
            json.WriteString("kind", lane.Kind.ToString());
            json.WriteString("name", lane.Name);
            json.WriteStartArray("spans");
            foreach (Span span in lane.Spans)
            {
                json.WriteStartObject();
                json.WriteNumber("from", span.From);
                json.WriteNumber("to", span.To);
                json.WriteString("kind", span.Kind.ToString());
                json.WriteString("label", span.Label);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteArrows(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartArray("arrows");
        foreach (Arrow arrow in explanation.Arrows)
        {
            json.WriteStartObject();
            json.WriteString("kind", arrow.Kind.ToString());
            json.WriteNumber("from", arrow.From);
            json.WriteNumber("to", arrow.To);
            json.WriteString("about", arrow.About);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
