using System.Reflection;
using System.Text.Json;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>
/// A failure as SARIF 2.1.0, which code hosts and editors show: a thread flow for each context, and in them where each
/// step was, in the order of the execution.
/// </summary>
internal static class SarifPicture
{
    // Where the compiler puts the root of the sources, when it does not say where that lies.
    private const string SourceRoot = "/_/";

    internal static void Write(Explanation explanation, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        Finding? finding = explanation.Trace.Report.Finding;
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        WriteTool(json, finding);
        json.WriteStartArray("results");
        if (finding is not null)
            WriteResult(json, explanation, finding);

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTool(Utf8JsonWriter json, Finding? finding)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "kmaplab");
        json.WriteString("semanticVersion", Assembly.GetExecutingAssembly().GetName().Version!.ToString(3));
        json.WriteStartArray("rules");
        if (finding is not null)
        {
            json.WriteStartObject();
            json.WriteString("id", finding.Class.Name());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Explanation explanation, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Class.Name());
        json.WriteNumber("ruleIndex", 0);
        json.WriteString("level", "error");
        WriteMessage(json, finding.Message);
        json.WriteStartArray("locations");
        if (explanation.Trace.Steps.SelectMany(step => step.Events).LastOrDefault(HasPlace) is { } last)
            WriteLocation(json, last, $"in {last.Function}()");

        json.WriteEndArray();
        json.WriteStartArray("codeFlows");
        json.WriteStartObject();
        json.WriteStartArray("threadFlows");
        foreach (IGrouping<int, TraceStep> flow in explanation.Trace.Steps.GroupBy(step => step.Context)
            .OrderBy(flow => flow.Key))
        {
            WriteFlow(json, explanation.Trace, flow);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("properties");
        json.WriteString("target", explanation.Experiment.Name);
        json.WriteString("token", explanation.Token);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFlow(Utf8JsonWriter json, ExecutionTrace trace, IGrouping<int, TraceStep> flow)
    {
        json.WriteStartObject();
        json.WriteString("id", trace.Contexts[flow.Key]);
        json.WriteStartArray("locations");
        foreach (TraceStep step in flow)
        {
            foreach (TraceEvent happened in step.Events.Where(Wording.IsShort))
            {
                json.WriteStartObject();
                json.WriteNumber("executionOrder", step.Number);
                json.WritePropertyName("location");
                WriteLocation(json, happened, Wording.Of(happened, trace));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool HasPlace(TraceEvent happened) => happened.Source is not null;

    private static void WriteLocation(Utf8JsonWriter json, TraceEvent happened, string message)
    {
        json.WriteStartObject();
        if (happened.Source is { } source)
        {
            json.WriteStartObject("physicalLocation");
            json.WriteStartObject("artifactLocation");
            json.WriteString("uri", UriOf(source));
            json.WriteEndObject();
            json.WriteStartObject("region");
            json.WriteNumber("startLine", source.Line);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        WriteMessage(json, message);
        json.WriteEndObject();
    }

    private static string UriOf(SourceLine source) => source.Path.StartsWith(SourceRoot, StringComparison.Ordinal)
        ? source.Path[SourceRoot.Length..]
        : new Uri(Path.GetFullPath(source.Path)).AbsoluteUri;

    private static void WriteMessage(Utf8JsonWriter json, string message)
    {
        json.WriteStartObject("message");
        json.WriteString("text", message);
        json.WriteEndObject();
    }
}
