using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Reads runs one after the other, and keeps none.</summary>
public sealed class RecordingReader
{
    private readonly BlockSource _blocks;
    private readonly string _source;
    private IReadOnlyList<NamedWords>? _left; // The memory in the end of the run before; null if nobody knows it.

    internal RecordingReader(BlockSource blocks, Schedule experiment, string source)
    {
        _blocks = blocks;
        _source = source;
        Experiment = experiment;
    }

    /// <summary>What was booted; a schedule without transitions.</summary>
    public Schedule Experiment { get; }

    /// <summary>Nothing comes any more, and that was not said: the end is missing.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Reads the next run, or the beginning of one if the file ends in it; null if there is none.</summary>
    /// <exception cref="ScheduleFormatException">It was edited.</exception>
    public Recording? Next()
    {
        if (Take() is not { } first)
            return null;

        if (first[0] == (byte)BlockTag.Over)
        {
            return _blocks.IsAtEnd()
                ? null
                : throw new ScheduleFormatException($"{_source} was edited: something stands behind its end");
        }

        var run = new RunReader(_source, _left);
        run.Read(first);
        while (!run.IsOver && Take() is { } block)
            run.Read(block);

        Recording recording = run.ToRecording(Experiment);
        _left = run.IsWhole ? recording.Run.Words : null;
        return recording;
    }

    private byte[]? Take()
    {
        byte[]? block = IsCutOff ? null : _blocks.Take();
        IsCutOff |= block is null;
        return block is { Length: 0 }
            ? throw new ScheduleFormatException($"{_source} was edited: a block in it is empty")
            : block;
    }
}
