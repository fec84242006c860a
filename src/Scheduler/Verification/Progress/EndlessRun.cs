using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>
/// A run that never ends, in the names that the search uses: a way to a state, and a walk from there back to it.
/// </summary>
/// <param name="Kind">What is wrong with it, or worth telling.</param>
/// <param name="Entry">The state at which the loop begins.</param>
/// <param name="Loop">The transitions once round.</param>
/// <param name="Victims">A bit for each task that finishes nothing on it, by its name at the entry.</param>
/// <param name="Runners">Those of them that run on it.</param>
internal sealed record EndlessRun(EndlessRunKind Kind, int Entry, Transition[] Loop, ulong Victims, ulong Runners);

/// <summary>The kinds of <see cref="EndlessRun"/>.</summary>
internal enum EndlessRunKind
{
    /// <summary>The victims can never finish any more, whoever runs and however long: a failure.</summary>
    Trapped,

    /// <summary>Nobody finishes anything, although everybody who can run again and again does so: a failure.</summary>
    Idle,

    /// <summary>
    /// A task runs for ever without finishing, although nobody is treated unfairly; with luck it could finish.
    /// </summary>
    Starving,
}
