using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.Finiteness;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Decides, between two levels, whether a search goes on, and says why it does not.</summary>
internal sealed class StopReasons(
    MachineImage image,
    VerifierOptions options,
    SharedSearch search,
    SearchWorker[] workers,
    CancellationToken cancellation)
{
    private readonly UnboundedCounters _unbounded = new(image);
    private bool _hasWarned;

    /// <summary>Called once if something grows for so long that the search may never end.</summary>
    internal Action<string>? Warning { get; init; }

    internal bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>Writes what was noticed.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_hasWarned);
        _unbounded.Save(writer);
    }

    /// <summary>Reads what was written.</summary>
    internal void Load(BinaryReader reader)
    {
        _hasWarned = reader.ReadBoolean();
        _unbounded.Load(reader);
    }

    /// <summary>Threads keep no edges any more, as there is no graph.</summary>
    internal void DropEdges()
    {
        foreach (SearchWorker worker in workers)
            worker.DropEdges();
    }

    /// <summary>Why the search must end; null if it need not. No thread searches meanwhile.</summary>
    internal string? Find()
    {
        long states = SearchWorker.States(workers);
        if (search.DropsGraph(states))
            DropEdges();

        if (cancellation.IsCancellationRequested)
            return "interrupted";

        if (!options.TrustsFusion && Array.Exists(workers, worker => worker.HasMetObstacle))
            return "steps must not be fused";

        foreach (SearchWorker worker in workers)
            worker.RefuseEndlessRecursion();

        _unbounded.Look(workers.Select(worker => worker.Growth), search.Census);
        string? growing = _unbounded.Find(search.Census);
        search.MayGoToDisk = (growing ?? (options.MayRunForEver ? _unbounded.Suspect() : null)) is null;
        if (growing is not null && !_hasWarned)
        {
            _hasWarned = true;
            Warning?.Invoke($"perhaps not finite-state: {growing}; the search goes on, and ends if that does");
        }

        string? full = search.FullReason ?? (search.HasTooMany(states) ? search.TooMany : null);
        if (full is null)
            return null;

        growing ??= options.MayRunForEver ? _unbounded.Suspect() : null;
        return growing is not null
            ? $"{full}; perhaps not finite-state: {growing}; what runs for ever must not count for ever"
            : full;
    }
}
