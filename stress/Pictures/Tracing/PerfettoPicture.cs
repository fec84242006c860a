using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>
/// A trace for https://ui.perfetto.dev: TrackEvent packets, with rows for CPUs, contexts and locks in this order, and
/// arrows as flows.
/// </summary>
/// <remarks>
/// A step takes a microsecond, as a simulated machine has no clock. The numbers of the fields are those of Perfetto's
/// trace_packet.proto, track_descriptor.proto, track_event.proto and debug_annotation.proto.
/// </remarks>
internal static class PerfettoPicture
{
    private const int NanosecondsOfStep = 1000;

    private enum EventType
    {
        SliceBegin = 1,
        SliceEnd = 2,
        Instant = 3,
    }

    internal static void Write(Explanation explanation, Stream stream)
    {
        var events = new List<Happening>();
        var trace = new ProtoWriter();
        trace.Message(Field.Packet, Descriptor(RootOf(explanation)));
        int rank = 0;
        foreach (Lane lane in explanation.Lanes)
        {
            long track = TrackOf(lane);
            trace.Message(Field.Packet, Descriptor(Track(track, lane.Name, rank++)));
            foreach (Span span in lane.Spans.Where(span => IsSlice(lane, span)))
                AddSpan(events, track, span);

            foreach (IGrouping<SpanKind, Span> strip in lane.Spans.Where(span => span.Kind >= SpanKind.IrqsOff)
                .GroupBy(span => span.Kind))
            {
                long below = track + (int)strip.Key;
                trace.Message(Field.Packet, Descriptor(Track(below, $"{lane.Name}: {NameOf(strip.Key)}", rank++)));
                foreach (Span span in strip)
                    AddSpan(events, below, span);
            }
        }

        AddSteps(events, explanation);

        // Of one moment, what ends comes before what begins.
        foreach (Happening happening in events.OrderBy(next => next.Time).ThenBy(next => next.IsBegin))
        {
            trace.Message(Field.Packet, new ProtoWriter()
                .Number(Field.Timestamp, happening.Time)
                .Number(Field.SequenceId, 1)
                .Message(Field.TrackEvent, happening.Event));
        }

        stream.Write(trace.Bytes);
    }

    private static void AddSpan(List<Happening> events, long track, Span span)
    {
        string name = span.Kind is SpanKind.Running or SpanKind.Held ? span.Label
            : span.Label.Length == 0 || span.Kind >= SpanKind.IrqsOff ? NameOf(span.Kind)
            : $"{NameOf(span.Kind)} {span.Label}";
        Add(events, span.From * NanosecondsOfStep, track, EventType.SliceBegin, name);
        Add(events, span.To * NanosecondsOfStep, track, EventType.SliceEnd, "");
    }

    private static void AddSteps(List<Happening> events, Explanation explanation)
    {
        (Arrow Arrow, ulong Flow)[] flows =
        [
            .. explanation.Arrows.Where(arrow => arrow.To != 0).Select((arrow, index) => (arrow, (ulong)index + 1)),
        ];
        ILookup<int, ulong> leaving = flows.ToLookup(flow => flow.Arrow.From, flow => flow.Flow);
        ILookup<int, ulong> coming = flows.ToLookup(flow => flow.Arrow.To, flow => flow.Flow);
        foreach (TraceStep step in explanation.Trace.Steps)
        {
            long begin = (step.Number - 1) * NanosecondsOfStep;
            long track = TrackOf(LaneKind.Context, step.Context);
            TraceEvent? first = step.Events.FirstOrDefault(happened => happened.Kind == TraceEventKind.Operation);
            ProtoWriter slice = Add(events, begin, track, EventType.SliceBegin, first?.Text ?? "");
            Annotate(slice, "step", $"{step.Number}");
            if (first is not null && first.Function.Length > 0)
                Annotate(slice, "in", Wording.Place(first));

            foreach (ulong flow in leaving[step.Number])
                slice.Fixed64(Field.FlowIds, flow);

            foreach (ulong flow in coming[step.Number])
                slice.Fixed64(Field.TerminatingFlowIds, flow);

            TraceEvent[] instants = [.. step.Events.Where(IsInstant)];
            for (int i = 0; i < instants.Length; i++)
            {
                long time = begin + (NanosecondsOfStep * (i + 1) / (instants.Length + 1));
                string words = Wording.Of(instants[i], explanation.Trace);
                ProtoWriter instant = Add(events, time, track, EventType.Instant, words);
                if (instants[i].Function.Length > 0)
                    Annotate(instant, "in", Wording.Place(instants[i]));
            }

            Add(events, begin + NanosecondsOfStep, track, EventType.SliceEnd, "");
        }
    }

    private static bool IsInstant(TraceEvent happened) =>
        happened.Kind is TraceEventKind.Enter or TraceEventKind.Leave or TraceEventKind.Wake or TraceEventKind.Bug
        || happened is { Kind: TraceEventKind.Write, Change.Role: RegionRole.Kernel }
        || happened.Operation is { IsFused: true };

    // A context that can go on is seen by its steps.
    private static bool IsSlice(Lane lane, Span span) =>
        span.Kind < SpanKind.IrqsOff && (lane.Kind != LaneKind.Context || span.Kind != SpanKind.Running);

    private static string NameOf(SpanKind kind) => kind switch
    {
        SpanKind.Spinning => "spins for",
        SpanKind.Waiting => "waits for",
        SpanKind.Asleep => "sleeps on",
        SpanKind.Ready => "waits for a CPU",
        SpanKind.Interrupted => "interrupted",
        SpanKind.Dead => "dead",
        SpanKind.IrqsOff => "irqs off",
        SpanKind.PreemptOff => "preemption off",
        SpanKind.OwesFlush => "owes a TLB flush",
        _ => "",
    };

    private static long TrackOf(Lane lane) => TrackOf(lane.Kind, lane.Number);

    // Room for the strips below each.
    private static long TrackOf(LaneKind kind, int number) => 1000 + ((int)kind * 100_000) + (number * 100);

    private static ProtoWriter RootOf(Explanation explanation) => new ProtoWriter()
        .Number(Field.Uuid, 1)
        .Text(Field.TrackName, explanation.Experiment.Name)
        .Number(Field.ChildOrdering, Field.Explicit);

    private static ProtoWriter Track(long uuid, string name, int rank) => new ProtoWriter()
        .Number(Field.Uuid, uuid)
        .Number(Field.ParentUuid, 1)
        .Text(Field.TrackName, name)
        .Number(Field.SiblingOrderRank, rank);

    private static ProtoWriter Descriptor(ProtoWriter track) =>
        new ProtoWriter().Number(Field.SequenceId, 1).Message(Field.TrackDescriptor, track);

    /// <summary>Adds an event, and yields it for what else is to be written into it.</summary>
    private static ProtoWriter Add(List<Happening> events, long time, long track, EventType type, string name)
    {
        ProtoWriter made = new ProtoWriter().Number(Field.Type, (int)type).Number(Field.TrackUuid, track);
        if (name.Length > 0)
            made.Text(Field.EventName, name);

        events.Add(new Happening(time, type == EventType.SliceBegin, made));
        return made;
    }

    private static void Annotate(ProtoWriter happened, string name, string value) => happened.Message(
        Field.DebugAnnotations,
        new ProtoWriter().Text(Field.AnnotationName, name).Text(Field.AnnotationText, value));

    private readonly record struct Happening(long Time, bool IsBegin, ProtoWriter Event);

    private static class Field
    {
        // Of Trace and TracePacket.
        internal const int Packet = 1;
        internal const int Timestamp = 8;
        internal const int SequenceId = 10;
        internal const int TrackEvent = 11;
        internal const int TrackDescriptor = 60;

        // Of TrackDescriptor.
        internal const int Uuid = 1;
        internal const int TrackName = 2;
        internal const int ParentUuid = 5;
        internal const int ChildOrdering = 11;
        internal const int SiblingOrderRank = 12;
        internal const int Explicit = 3; // Children in the order of their ranks.

        // Of TrackEvent.
        internal const int DebugAnnotations = 4;
        internal const int Type = 9;
        internal const int TrackUuid = 11;
        internal const int EventName = 23;
        internal const int FlowIds = 47;
        internal const int TerminatingFlowIds = 48;

        // Of DebugAnnotation.
        internal const int AnnotationText = 6;
        internal const int AnnotationName = 10;
    }
}
