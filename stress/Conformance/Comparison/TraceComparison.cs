using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Conformance.Replay;


namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Compares the port with one trace, up to the first difference.</summary>
internal sealed class TraceComparison(TraceReader trace, string name, PortFactory makePort)
{
    private const int HistoryLength = 10;

    private int _line = 1;

    /// <summary>Steps that agree.</summary>
    public int Steps { get; private set; }

    /// <summary>The first difference, null if there is none.</summary>
    public Mismatch? Run()
    {
        try
        {
            return trace.Config.Atomic is null ? CompareTable() : CompareAtomic();
        }
        catch (ReplayException impossible)
        {
            throw new TraceFormatException(name, _line, impossible.Message, impossible);
        }
    }

    private Mismatch? CompareTable()
    {
        var replay = new TableReplay(trace.Config, makePort);
        return AtStart(StepComparison.Compare(trace.Start, replay.State))
            ?? CompareSteps(trace.ReadStep, step => StepComparison.Compare(step, replay.Take(step)), StepWords.Describe)
            ?? AtEnd(EndComparison.Compare(trace.End, replay.End(trace.End)));
    }

    private Mismatch? CompareAtomic()
    {
        // How an atomic trace ends says nothing about the port.
        var replay = new AtomicReplay(trace.Config, makePort);
        return AtStart(AtomicComparison.Compare(trace.AtomicStart, replay.State))
            ?? CompareSteps(
                trace.ReadAtomicStep,
                step => AtomicComparison.Compare(step, replay.Take(step)),
                StepWords.Describe);
    }

    private Mismatch? AtStart(IReadOnlyList<FieldDifference> differences) =>
        differences.Count == 0 ? null : new Mismatch(name, _line, 0, "the state at the start", differences, []);

    private Mismatch? AtEnd(IReadOnlyList<FieldDifference> differences) =>
        differences.Count == 0 ? null : new Mismatch(name, _line, Steps + 1, "the end", differences, []);

    private Mismatch? CompareSteps<TStep>(
        Func<TStep?> read,
        Func<TStep, IReadOnlyList<FieldDifference>> compare,
        Func<TStep, string> describe)
        where TStep : class
    {
        var history = new Queue<TStep>();
        for (_line = 2; read() is { } step; _line++)
        {
            IReadOnlyList<FieldDifference> differences = compare(step);
            if (differences.Count > 0)
                return new Mismatch(name, _line, Steps + 1, describe(step), differences, [.. history.Select(describe)]);

            Steps++;
            if (history.Count == HistoryLength)
                history.Dequeue();

            history.Enqueue(step);
        }

        return null;
    }
}
