using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>Steps as a search makes them whose states have other names than everybody's.</summary>
internal interface IRenamedSteps
{
    /// <summary>Goes to the start.</summary>
    void Reset();

    /// <summary>Performs a transition in the names of the search.</summary>
    void Perform(Transition transition);

    /// <summary>
    /// Takes, of all states that differ only in names, the one that the search keeps; the new name of each context,
    /// empty if all keep theirs.
    /// </summary>
    ReadOnlySpan<int> Canonicalize();
}
