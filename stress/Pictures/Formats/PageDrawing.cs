using System.Text.Json;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>What the page draws beside the trace: lanes, arrows, the story, and how sure the failure is.</summary>
internal sealed class PageDrawing(Explanation explanation, PageTables tables)
{
    internal void Write(Utf8JsonWriter json)
    {
        WriteLanes(json);
        WriteArrows(json);
        WritePassing(json);
        WriteStory(json);
        WriteAnalysis(json);
    }

    private void WriteLanes(Utf8JsonWriter json)
    {
        json.WriteStartArray("lanes");
        foreach (Lane lane in explanation.Lanes)
        {
            json.WriteStartArray();
            json.WriteNumberValue((int)lane.Kind);
            json.WriteNumberValue(lane.Number);
            json.WriteNumberValue(tables.Text(lane.Name));
            json.WriteStartArray();
            foreach (Span span in lane.Spans)
            {
                json.WriteNumberValue(span.From);
                json.WriteNumberValue(span.To);
                json.WriteNumberValue((int)span.Kind);
                json.WriteNumberValue(tables.Text(span.Label));
            }

            json.WriteEndArray();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteArrows(Utf8JsonWriter json)
    {
        json.WriteStartArray("arrows");
        foreach (Arrow arrow in explanation.Arrows)
        {
            json.WriteStartArray();
            json.WriteNumberValue((int)arrow.Kind);
            json.WriteNumberValue(arrow.From);
            json.WriteNumberValue(arrow.To);
            json.WriteNumberValue(arrow.ToContext);
            json.WriteNumberValue(tables.Text(arrow.About));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WritePassing(Utf8JsonWriter json)
    {
        json.WriteStartArray("passing");
        foreach (TraceStep step in explanation.Passing?.Steps ?? [])
        {
            json.WriteStartArray();
            json.WriteNumberValue(step.Context);
            json.WriteNumberValue(tables.Text(FirstLine(step)));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static string FirstLine(TraceStep step) => step.Operations is [var first, ..]
        ? first.Result.Length > 0 ? $"{first.Text}: {first.Result}" : first.Text
        : "";

    private void WriteStory(Utf8JsonWriter json)
    {
        json.WriteStartArray("story");
        foreach (StoryLine line in explanation.Story)
        {
            json.WriteStartArray();
            json.WriteNumberValue(line.From);
            json.WriteNumberValue(line.To);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteAnalysis(Utf8JsonWriter json)
    {
        if (explanation.Analysis is not { } analysis)
            return;

        json.WriteStartArray("failing"); // Of the continuations that were drawn from each moment, those that fail.
        foreach (int failing in analysis.NoReturn.Failing)
            json.WriteNumberValue(failing);

        json.WriteEndArray();
        json.WriteNumber("continuations", analysis.NoReturn.Continuations);
        json.WriteNumber("noReturn", analysis.NoReturn.Step);
    }
}
