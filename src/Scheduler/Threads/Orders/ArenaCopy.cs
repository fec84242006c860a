using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>Kernel memory of a machine of threads at a moment at which all of them stood still.</summary>
/// <param name="words">All of it.</param>
/// <param name="contents">The contents of page frames, where these are no words.</param>
/// <param name="nameAll">Finds the parts that the simulated machine has under the same names.</param>
internal sealed class ArenaCopy(int[] words, int[] contents, Func<int[], int[], IEnumerable<NamedWords>> nameAll)
{
    private readonly Lazy<IReadOnlyList<NamedWords>> _named = new(() => [.. nameAll(words, contents)]);

    /// <summary>The same by name; asked for when there is time.</summary>
    internal IReadOnlyList<NamedWords> Named => _named.Value;
}
