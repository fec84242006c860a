using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Things that are declared alike, two of which can exchange their names in a state.</summary>
internal interface INameSwaps
{
    /// <summary>Number of pairs of neighbours: exchanging them one after the other makes every renaming.</summary>
    int Count { get; }

    /// <summary>More different steps than this are not tried: it would cost more than it saves.</summary>
    long StepsMax { get; }

    /// <summary>Why they are not alike after all; null if nothing speaks against it.</summary>
    string? Obstacle { get; }

    /// <summary>Exchanges the names of a pair in a state.</summary>
    void Swap(int swap, int[] memory, int[] stacks);

    /// <summary>Where each word of memory is after a pair was exchanged.</summary>
    int[] PlacesAfter(int swap);

    /// <summary>What a transition is called after a pair was exchanged.</summary>
    Transition After(int swap, Transition transition);

    /// <summary>Ends a search that took them for alike.</summary>
    void Refuse(string obstacle);
}
