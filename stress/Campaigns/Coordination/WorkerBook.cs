namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Who works, for those who watch; nothing depends on it.</summary>
internal sealed class WorkerBook
{
    private readonly SortedDictionary<string, Worker> _workers = new(StringComparer.Ordinal);

    /// <summary>How many have come and were not told to leave.</summary>
    internal int Present(TimeSpan now, TimeSpan silence) =>
        _workers.Values.Count(worker => !worker.HasLeft && now - worker.Heard < silence);

    internal void Hear(string name, TimeSpan now)
    {
        if (!_workers.TryGetValue(name, out Worker? worker))
            _workers.Add(name, worker = new Worker { Came = now });

        worker.Heard = now;
    }

    internal void Lend(string name, long lease) => _workers[name].Leases.Add(lease);

    internal void Take(string name, long lease, bool counts, TimeSpan now)
    {
        Hear(name, now);
        _workers[name].Leases.Remove(lease);
        _workers[name].Finished += counts ? 1 : 0;
    }

    internal void Leave(string name) => _workers[name].HasLeft = true;

    internal IReadOnlyList<WorkerProgress> At(TimeSpan now) =>
    [
        .. _workers.Select(worker => new WorkerProgress(
            worker.Key,
            worker.Value.Finished,
            worker.Value.Leases.Count,
            worker.Value.Finished / Math.Max(0.001, (now - worker.Value.Came).TotalSeconds),
            (now - worker.Value.Heard).TotalSeconds)),
    ];

    private sealed class Worker
    {
        internal HashSet<long> Leases { get; } = [];

        internal TimeSpan Came { get; set; }

        internal TimeSpan Heard { get; set; }

        internal int Finished { get; set; }

        internal bool HasLeft { get; set; }
    }
}
