using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Stress.Soaking;

/// <summary>What is kept of a soak while it goes on: the last two epochs, or all of them in a file.</summary>
internal sealed class FlightRecorder(RecordingPipe? file)
{
    private ThreadEpoch? _before;

    /// <summary>The number of epochs that are over.</summary>
    internal int Epochs { get; private set; }

    /// <summary>Takes one that is over, and in which nothing is wrong; false if no more can be kept.</summary>
    internal bool Keep(ThreadEpoch epoch)
    {
        Epochs++;
        if (file is not null)
            return file.Add(epoch);

        _before?.Release();
        _before = epoch;
        return true;
    }

    /// <summary>The last one, with the one that it goes on from if there is one.</summary>
    internal IReadOnlyList<ThreadEpoch> With(ThreadEpoch last) =>
        _before is not null && last.GoesOnFrom(_before) ? [_before, last] : [last];
}
