namespace Kmaplab.Scheduler.Detection;

/// <summary>What can be wrong with an execution.</summary>
public enum FailureClass
{
    /// <summary>Tasks wait for each other and can never run again.</summary>
    Deadlock,

    /// <summary>A task sleeps although what it waits for is there, and nobody will wake it.</summary>
    LostWakeup,

    /// <summary>One page frame is mapped at two addresses at once.</summary>
    DoubleMapping,

    /// <summary>An access through an address that does not, or no longer, lead to the page that is meant.</summary>
    UseAfterUnmap,

    /// <summary>An access through a translation that a CPU kept after its page table entry had changed.</summary>
    StaleTlb,

    /// <summary>Two users of one per-CPU slot.</summary>
    SlotClobber,

    /// <summary>Unmapping more than was mapped, or what somebody else has mapped.</summary>
    ReferenceCount,

    /// <summary>Sleeping, or calling what may sleep, in atomic context.</summary>
    SleepInAtomic,

    /// <summary>An unmarked access without the lock that protects the object.</summary>
    DataRace,

    /// <summary>Releasing a lock that is not held, taking one's own again, or using it in the wrong context.</summary>
    LockMisuse,

    /// <summary>Something is still held, mapped or raised after everybody has finished.</summary>
    Leak,

    /// <summary>Under a fair scheduler a task is woken for ever and never gets what it wants.</summary>
    Starvation,

    /// <summary>Tasks run for ever without progress.</summary>
    Livelock,

    /// <summary>The kernel's own check failed.</summary>
    BugOn,

    /// <summary>The scenario's check failed.</summary>
    Assertion,

    /// <summary>The same schedule led to another state.</summary>
    Nondeterminism,

    /// <summary>Using, or freeing again, what has been freed.</summary>
    UseAfterFree,
}

/// <summary>The names of failure classes in files and on the command line.</summary>
public static class FailureClassNames
{
    private static readonly string[] s_names = [.. Enum.GetNames<FailureClass>().Select(Kebab)];

    /// <summary>lost-wakeup of LostWakeup.</summary>
    public static string Name(this FailureClass failure) => s_names[(int)failure];

    /// <summary>LostWakeup of lost-wakeup; false if there is no such class.</summary>
    public static bool TryParse(string name, out FailureClass failure)
    {
        int index = Array.IndexOf(s_names, name);
        failure = (FailureClass)Math.Max(index, 0);
        return index >= 0;
    }

    private static string Kebab(string name) =>
        string.Concat(
            name.Select(
                (letter, i) =>
                    char.IsUpper(letter) && i > 0
                        ? $"-{char.ToLowerInvariant(letter)}"
                        : $"{char.ToLowerInvariant(letter)}"));
}
