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

    /// <summary>Takes back what a worker had; with what it has shown, if that counts.</summary>
    internal void Take(string name, long lease, PieceFacts? counts, TimeSpan now)
    {
        Hear(name, now);
        Worker worker = _workers[name];
        worker.Leases.Remove(lease);
        if (counts is null)
            return;

        worker.Finished++;
        worker.Executions += counts.Executions;
        worker.States += counts.States;
    }

    internal void Leave(string name) => _workers[name].HasLeft = true;

    internal IReadOnlyList<WorkerProgress> At(TimeSpan now) =>
        [.. _workers.Select(each => At(now, each.Key, each.Value))];

    private static WorkerProgress At(TimeSpan now, string name, Worker worker)
    {
        double seconds = Math.Max(0.001, (now - worker.Came).TotalSeconds);
        return new WorkerProgress(
            name,
            worker.Finished,
            worker.Leases.Count,
            worker.Finished / seconds,
            worker.Executions / seconds,
            worker.States / seconds,
            (now - worker.Heard).TotalSeconds);
    }

    private sealed class Worker
    {
        internal HashSet<long> Leases { get; } = [];

        internal TimeSpan Came { get; set; }

        internal TimeSpan Heard { get; set; }

        internal int Finished { get; set; }

        internal long Executions { get; set; }

        internal long States { get; set; }

        internal bool HasLeft { get; set; }
    }
}
