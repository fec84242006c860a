using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;

namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>The stacks of a search, and what the locals on them have been.</summary>
internal sealed class StackCensus : IStackCensus
{
    private readonly Lock _lock = new();
    private readonly LocalsWatch _locals = new();
    private int _before; // Stacks that an earlier search has met, and this one has not.

    internal StackCensus(bool comparesWhole) => Frames = new FrameStore(comparesWhole, Watch);

    /// <summary>The stacks.</summary>
    internal FrameStore Frames { get; }

    /// <inheritdoc/>
    public int Count => Frames.Count + _before;

    /// <inheritdoc/>
    public string MostCommonFunction() =>
        Frames.Tops.GroupBy(frame => frame.Type.Function).MaxBy(group => group.Count())!.Key;

    /// <inheritdoc/>
    public KeyValuePair<string, ValueRange>[] RangesOfLocals()
    {
        lock (_lock)
            return [.. _locals.Ranges];
    }

    /// <summary>Writes what was seen, without the stacks.</summary>
    internal void Save(BinaryWriter writer)
    {
        KeyValuePair<string, ValueRange>[] ranges = RangesOfLocals();
        writer.Write(Count);
        writer.Write(ranges.Length);
        foreach ((string name, ValueRange range) in ranges)
        {
            writer.Write(name);
            range.Save(writer);
        }
    }

    /// <summary>Reads what was written; some of the stacks are here again by now.</summary>
    internal void Load(BinaryReader reader)
    {
        _before = Math.Max(0, reader.ReadInt32() - Frames.Count);
        lock (_lock)
        {
            for (int left = reader.ReadInt32(); left > 0; left--)
                _locals.Widen(reader.ReadString(), ValueRange.Load(reader));
        }
    }

    private void Watch(Frame frame)
    {
        lock (_lock)
            _locals.Watch(frame);
    }
}
