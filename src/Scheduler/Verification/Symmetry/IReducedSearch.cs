using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>What the checks of a reduction need of the search that reduces.</summary>
internal interface IReducedSearch
{
    /// <summary>Why like tasks must not be taken for the same after all; null if nothing speaks against it.</summary>
    string? ObstacleToSymmetry { get; }

    /// <summary>Why states must not be rewritten into others after all; null if nothing speaks against it.</summary>
    string? ObstacleToCanonicalForms { get; }

    /// <summary>Records that are renumbered.</summary>
    RecordGroup[] Records { get; }

    /// <summary>Number of call chains that the search has met.</summary>
    int Stacks { get; }

    /// <summary>Ends a search that took different things for the same.</summary>
    void RefuseSymmetry(string obstacle);

    /// <summary>Ends a search that took a state for another one with which it goes on otherwise.</summary>
    void RefuseCanonicalForms(string obstacle);

    /// <summary>
    /// Replaces a state by the one that stands for all that differ from it only in the names of interchangeable things.
    /// </summary>
    void Canonicalize(int[] memory);
}
