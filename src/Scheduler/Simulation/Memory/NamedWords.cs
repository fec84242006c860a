namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>A named part of kernel memory at some moment; of several with one name each has its place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Words">Its words.</param>
public sealed record NamedWords(string Name, IReadOnlyList<int> Words);
