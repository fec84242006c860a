using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>A search that only keeps what its checks say, and rewrites states as it is told.</summary>
internal sealed class ReducedSearchStub(Action<int[]>? canonicalize = null) : IReducedSearch
{
    public string? ObstacleToSymmetry { get; private set; }

    public string? ObstacleToCanonicalForms { get; private set; }

    public RecordGroup[] Records => [];

    public int Stacks => 0;

    public void RefuseSymmetry(string obstacle) => ObstacleToSymmetry ??= obstacle;

    public void RefuseCanonicalForms(string obstacle) => ObstacleToCanonicalForms ??= obstacle;

    public void Canonicalize(int[] memory) => canonicalize?.Invoke(memory);
}
