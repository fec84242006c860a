namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>What a change of a word means to the form of a state.</summary>
/// <param name="Seen">At which contexts it may be seen: a bit for each of the first 64.</param>
/// <param name="Owner">The task to which the word belongs, or below 0.</param>
/// <param name="Slot">Where the first of the tasks that are like that one has it.</param>
/// <param name="Sort">What it names.</param>
internal readonly record struct WordRole(ulong Seen, int Owner, int Slot, NameSort Sort)
{
    /// <summary>The word belongs to no task, and stays where it is.</summary>
    internal const int Nobody = -1;

    /// <summary>Several tasks move it.</summary>
    internal const int Several = -2;

    /// <summary>It belongs to records, or names one.</summary>
    internal const int Record = -3;
}
