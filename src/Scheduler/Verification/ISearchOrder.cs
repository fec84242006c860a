using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification;

/// <summary>In which order a search goes from state to state.</summary>
internal interface ISearchOrder : IDisposable
{
    /// <summary>
    /// The most transitions on a shortest way to a state (breadth first), or on the search path (depth first).
    /// </summary>
    int Depth { get; }

    /// <summary>Transitions that were tried before the search was gone on with.</summary>
    long TransitionsBefore { get; }

    /// <summary>What is wrong; null if nothing was found.</summary>
    Violation? FirstViolation { get; }

    /// <summary>Searches; yields why it gave up, or null.</summary>
    string? Run();
}
