namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>What the tasks of a machine have done.</summary>
public sealed record ThreadTotals
{
    /// <summary>Finished operations, by task.</summary>
    public required IReadOnlyList<long> Operations { get; init; }

    /// <summary>Tasks that sleep now.</summary>
    public int Sleeping { get; init; }

    /// <summary>Sleeps that reached the operating system.</summary>
    public long Sleeps { get; init; }

    /// <summary>Sleepers that were woken.</summary>
    public long Wakeups { get; init; }

    /// <summary>Those that went back to sleep with nothing done.</summary>
    public long VainWakeups { get; init; }

    /// <summary>Calls of wake_up().</summary>
    public long WakeCalls { get; init; }

    /// <summary>Sweeps of the whole table.</summary>
    public long Sweeps { get; init; }

    /// <summary>Flushes of all TLBs.</summary>
    public long Flushes { get; init; }

    /// <summary>
    /// Wake-ups in vain for each call of wake_up(), which kmap makes when a slot comes free that somebody waits for.
    /// </summary>
    public double VainPerCall => WakeCalls == 0 ? 0 : (double)VainWakeups / WakeCalls;

    /// <summary>Finished operations of all tasks.</summary>
    public long AllOperations => Operations.Sum();

    /// <summary>
    /// Jain's index of how evenly the operations are shared out: 1 if every task has as many, 1/n if one has all.
    /// </summary>
    public double Fairness
    {
        get
        {
            double sum = Operations.Sum(each => (double)each);
            double squares = Operations.Sum(each => (double)each * each);
            return squares == 0 ? 1 : sum * sum / (Operations.Count * squares);
        }
    }

    /// <summary>The sum of two runs of the same tasks.</summary>
    public ThreadTotals Plus(ThreadTotals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new ThreadTotals
        {
            Operations = [.. Operations.Zip(other.Operations, (mine, others) => mine + others)],
            Sleeping = other.Sleeping,
            Sleeps = Sleeps + other.Sleeps,
            Wakeups = Wakeups + other.Wakeups,
            VainWakeups = VainWakeups + other.VainWakeups,
            WakeCalls = WakeCalls + other.WakeCalls,
            Sweeps = Sweeps + other.Sweeps,
            Flushes = Flushes + other.Flushes,
        };
    }
}
