using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;

namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>The stacks of a search, and what the locals on them have been.</summary>
internal sealed class StackCensus : IStackCensus
{
    private readonly Lock _lock = new();
    private readonly LocalsWatch _locals = new();

    internal StackCensus(bool comparesWhole) => Frames = new FrameStore(comparesWhole, Watch);

    /// <summary>The stacks.</summary>
    internal FrameStore Frames { get; }

    /// <inheritdoc/>
    public int Count => Frames.Count;

    /// <inheritdoc/>
    public string MostCommonFunction() =>
        Frames.Tops.GroupBy(frame => frame.Type.Function).MaxBy(group => group.Count())!.Key;

    /// <inheritdoc/>
    public KeyValuePair<string, ValueRange>[] RangesOfLocals()
    {
        lock (_lock)
            return [.. _locals.Ranges];
    }

    private void Watch(Frame frame)
    {
        lock (_lock)
            _locals.Watch(frame);
    }
}
