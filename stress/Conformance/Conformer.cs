using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance;

/// <summary>Replays traces on the port and compares every step.</summary>
public sealed class Conformer(PortFactory makePort)
{
    private int _traces;
    private int _mismatches;
    private long _steps;
    private Mismatch? _first;

    /// <summary>Compares with the port as it is.</summary>
    public Conformer()
        : this((boot, config) => new HighMemory<SimulatedKernel>(boot, config))
    {
    }

    /// <summary>What was found so far.</summary>
    public ConformanceReport Report => new(_traces, _steps, _mismatches, _first);

    /// <summary>Compares all traces that a path stands for.</summary>
    public static ConformanceReport CompareAll(string path)
    {
        var conformer = new Conformer();
        foreach (string file in TraceFiles.Find(path))
            conformer.Compare(file);

        return conformer.Report;
    }

    /// <summary>Compares one file; yields whether the port agrees with it.</summary>
    public bool Compare(string file)
    {
        using TraceReader reader = TraceReader.Open(file);
        return Compare(reader, file);
    }

    /// <summary>Compares one trace from where the reader stands; the name stands for it in messages.</summary>
    public bool Compare(TraceReader trace, string name)
    {
        ArgumentNullException.ThrowIfNull(trace);
        _traces++;
        var comparison = new TraceComparison(trace, name, makePort);
        Mismatch? mismatch = comparison.Run();
        _steps += comparison.Steps;
        _mismatches += mismatch is null ? 0 : 1;
        _first ??= mismatch;
        return mismatch is null;
    }
}
