using System.Numerics;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>What to record: the kind of trace, its sizes, and the seed that decides the rest.</summary>
public sealed record RecordOptions
{
    /// <summary>The most steps of a trace.</summary>
    public const int StepsMax = 1_000_000;

    /// <summary>The most pages or slots.</summary>
    public const int SizeMax = 1024;

    /// <summary>The form of the steps.</summary>
    public TraceKind Kind { get; init; } = TraceKind.Coarse;

    /// <summary>The same seed and sizes make the same trace, byte for byte.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The most steps; a deadlock or the end of all programs may come before.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Tasks, in the kinds with a table.</summary>
    public int Tasks { get; init; } = 3;

    /// <summary>LAST_PKMAP.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Pages, the last of which is low memory.</summary>
    public int Pages { get; init; } = 5;

    /// <summary>
    /// The most mappings that a task of a coarse trace holds at once; 0 for as many as cannot deadlock.
    /// </summary>
    public int Depth { get; init; }

    /// <summary>CPUs, in atomic traces.</summary>
    public int Cpus { get; init; } = 2;

    /// <summary>CONFIG_DEBUG_HIGHMEM, in atomic traces.</summary>
    public bool DebugHighmem { get; init; }

    /// <summary>Which size is impossible, and what is possible; null if all are fine.</summary>
    public string? Problem() =>
        Kind == TraceKind.Hash
            ? "traces of kind 'hash' cannot be recorded, only coarse, fine, hash-fine and atomic"
            : Outside("steps", Steps, StepsMax)
                ?? Outside("tasks", Tasks, Transition.MaxContexts)
                ?? Outside("cpus", Cpus, Transition.MaxContexts)
                ?? Outside("pages", Pages, SizeMax)
                ?? Outside("slots", Slots, SizeMax)
                ?? (Depth < 0 ? $"depth {Depth}: it cannot be negative" : null)
                ?? (
                    BitOperations.IsPow2(Slots)
                        ? null
                        : $"{Slots} slots: LAST_PKMAP is a power of two (1, 2, 4 ... {SizeMax})");

    private static string? Outside(string what, int value, int limit) =>
        value >= 1 && value <= limit ? null : $"{value} {what}: possible are 1 to {limit}";
}
