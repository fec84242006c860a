using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>A trace in memory, of either form.</summary>
public sealed record RecordedTrace
{
    /// <summary>The first line's configuration.</summary>
    public required TraceConfig Config { get; init; }

    /// <summary>The state before step 1 of a trace with a table.</summary>
    public TraceState? Start { get; init; }

    /// <summary>The state before step 1 of an atomic trace.</summary>
    public AtomicState? AtomicStart { get; init; }

    /// <summary>The steps of a trace with a table.</summary>
    public IReadOnlyList<TraceStep> Steps { get; init; } = [];

    /// <summary>The steps of an atomic trace.</summary>
    public IReadOnlyList<AtomicStep> AtomicSteps { get; init; } = [];

    /// <summary>The last line.</summary>
    public required TraceEnd End { get; init; }

    /// <summary>Writes all of it; the stream is closed.</summary>
    public void WriteTo(Stream stream)
    {
        using TraceWriter writer = AtomicStart is { } atomic
            ? TraceWriter.Create(stream, Config, atomic)
            : TraceWriter.Create(stream, Config, Start!);
        foreach (TraceStep step in Steps)
            writer.Write(step);

        foreach (AtomicStep step in AtomicSteps)
            writer.Write(step);

        writer.Write(End);
    }
}
