namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>How a machine of threads is built.</summary>
public sealed record ThreadOptions
{
    /// <summary>The most tasks.</summary>
    public const int TasksMax = Simulation.Hardware.Transition.MaxSmall;

    /// <summary>What runs on the machine, for people.</summary>
    public string Name { get; init; } = "the scenario";

    /// <summary>CONFIG_PREEMPT: spin locks raise preempt_count.</summary>
    public bool Preempt { get; init; } = true;

    /// <summary>Chooses what kernel code leaves to chance.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// In checked mode, wait a little at random in front of the primitives: more orders of events are seen.
    /// </summary>
    public bool Jitter { get; init; }

    /// <summary>The most turns of a loop between two primitives before it counts as endless.</summary>
    public int LoopTurnsMax { get; init; } = 1_000_000;

    /// <summary>Sleep in the kernel's futex where there is one, and not in an event of the runtime's.</summary>
    public bool UseFutex { get; init; } = true;

    /// <summary>
    /// Page frames are pages of memory and addresses pointers to them, mapped by the operating system (Linux, x86-64).
    /// </summary>
    public bool RealMemory { get; init; }

    /// <summary>In checked mode, keep in which order tasks came to what they share.</summary>
    public bool Records { get; init; }

    /// <summary>
    /// A run of so many recorded operations ends, where its tasks may end, and another one begins: so what is kept of
    /// the latest run is always whole, and never large.
    /// </summary>
    public int RecordedWanted { get; init; } = 1 << 20;

    /// <summary>The most operations that are kept of a run whose tasks may not end.</summary>
    public int RecordedMax { get; init; } = 1 << 23;

    /// <summary>
    /// A run of which no more can be kept is stopped there, as if it were over: what is kept of it is its beginning.
    /// </summary>
    public bool EndsWhenFull { get; init; }

    /// <summary>Measures from when a sleeper is woken to when it runs; null if nobody wants to know.</summary>
    public IWakeupMeter? Wakeups { get; init; }
}

/// <summary>Is told how long it took from a wake-up until the woken task ran.</summary>
public interface IWakeupMeter
{
    /// <summary>The time now, in any unit.</summary>
    long Now();

    /// <summary>A task runs again, so long after it was woken; called by its own thread.</summary>
    void OnWoken(int task, long elapsed);
}
