using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Records of which it is of no consequence which stands for what.</summary>
/// <param name="group">Where they are, and where they are named: no local names one.</param>
/// <param name="words">Words of a state.</param>
/// <param name="search">The search that takes them for alike.</param>
internal sealed class RecordSwaps(RecordGroup group, int words, IReducedSearch search) : INameSwaps
{
    private const long StepsOfMany = 8192; // n records have n! orders, and seldom many of them are met.

    private readonly int[]?[] _places = new int[]?[group.Records - 1];

    /// <inheritdoc/>
    public int Count => group.Records - 1;

    /// <inheritdoc/>
    public long StepsMax => group.Records > 2 ? StepsOfMany : long.MaxValue;

    /// <inheritdoc/>
    public string? Obstacle => search.ObstacleToCanonicalForms;

    /// <inheritdoc/>
    public void Swap(int swap, int[] memory, int[] stacks)
    {
        foreach (int field in group.Fields)
            (memory[field + swap], memory[field + swap + 1]) = (memory[field + swap + 1], memory[field + swap]);

        foreach (int link in group.Links)
        {
            int record = memory[link] - 1;
            memory[link] = (record == swap ? swap + 1 : record == swap + 1 ? swap : record) + 1;
        }
    }

    /// <inheritdoc/>
    public int[] PlacesAfter(int swap) => _places[swap] ??= NewPlaces(swap);

    /// <inheritdoc/>
    public Transition After(int swap, Transition transition) => transition;

    /// <inheritdoc/>
    public void Refuse(string obstacle) => search.RefuseCanonicalForms(obstacle);

    private int[] NewPlaces(int swap)
    {
        int[] places = [.. Enumerable.Range(0, words)];
        foreach (int field in group.Fields)
            (places[field + swap], places[field + swap + 1]) = (field + swap + 1, field + swap);

        return places;
    }
}
