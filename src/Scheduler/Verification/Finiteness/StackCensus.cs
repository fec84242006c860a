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

    /// <summary>Another process has met so many stacks; some of them are here again by now.</summary>
    internal void TakeOver(int count) => _before = Math.Max(0, count - Frames.Count);

    private void Watch(Frame frame)
    {
        lock (_lock)
            _locals.Watch(frame);
    }
}
