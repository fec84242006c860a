using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>A named part of kernel memory.</summary>
/// <param name="Name">The kernel's name for it.</param>
/// <param name="Start">The address of its first word.</param>
/// <param name="Length">Its length in words.</param>
/// <param name="Sort">What its values mean.</param>
/// <param name="Index">What its elements belong to.</param>
/// <param name="Guard">The lock that protects it, or a <see cref="Protection"/>.</param>
public sealed record MemoryRegion(string Name, int Start, int Length, WordSort Sort, IndexSort Index, int Guard)
{
    /// <summary>Who may touch it.</summary>
    public RegionRole Role { get; init; }

    /// <summary>Whether accesses of it are watched for data races.</summary>
    internal bool IsWatched { get; init; }

    /// <summary>Whether a word belongs to it.</summary>
    internal bool Contains(int address) => (uint)(address - Start) < (uint)Length;
}
