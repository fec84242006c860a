using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Like tasks, with their CPUs and the pages that each has for itself.</summary>
internal sealed class TaskSwaps(TaskSymmetry symmetry, IReducedSearch search) : INameSwaps
{
    private readonly int[]?[] _places = new int[]?[symmetry.Swaps];

    /// <inheritdoc/>
    public int Count => symmetry.Swaps;

    /// <inheritdoc/>
    public long StepsMax => long.MaxValue;

    /// <inheritdoc/>
    public string? Obstacle => search.ObstacleToSymmetry;

    /// <inheritdoc/>
    public void Swap(int swap, int[] memory, int[] stacks) => symmetry.Swap(swap, memory, stacks);

    /// <inheritdoc/>
    public int[] PlacesAfter(int swap) => _places[swap] ??= symmetry.PlacesAfter(swap);

    /// <inheritdoc/>
    public Transition After(int swap, Transition transition) =>
        transition.WithSubject(symmetry.AfterSwap(swap, transition.Subject));

    /// <inheritdoc/>
    public void Refuse(string obstacle) => search.RefuseSymmetry(obstacle);
}
