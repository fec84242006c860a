using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Recording;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>
/// The traces that the repository keeps: recorded from the port when it agreed with every trace of the kernel's own
/// code.
/// </summary>
internal static class RecordedTraces
{
    /// <summary>Which options made which file.</summary>
    public static IReadOnlyDictionary<string, RecordOptions> All { get; } =
        new Dictionary<string, RecordOptions>
        {
            ["coarse-1"] = new()
            {
                Kind = TraceKind.Coarse,
                Seed = 1,
                Steps = 400,
                Tasks = 3,
                Slots = 4,
                Pages = 12,
                Depth = 3,
            },
            ["coarse-2"] = new()
            {
                Kind = TraceKind.Coarse,
                Seed = 2,
                Steps = 400,
                Tasks = 4,
                Slots = 1,
                Pages = 6,
            },
            ["coarse-3"] = new()
            {
                Kind = TraceKind.Coarse,
                Seed = 3,
                Steps = 300,
                Tasks = 6,
                Slots = 8,
                Pages = 20,
            },
            ["coarse-4"] = new()
            {
                Kind = TraceKind.Coarse,
                Seed = 4,
                Steps = 600,
                Tasks = 4,
                Slots = 32,
                Pages = 70,
            },
            ["fine-1"] = new()
            {
                Kind = TraceKind.Fine,
                Seed = 1,
                Steps = 400,
                Tasks = 3,
                Slots = 1,
                Pages = 3,
            },
            ["fine-2"] = new()
            {
                Kind = TraceKind.Fine,
                Seed = 2,
                Steps = 600,
                Tasks = 6,
                Slots = 2,
                Pages = 5,
            },
            ["fine-3"] = new()
            {
                Kind = TraceKind.Fine,
                Seed = 3,
                Steps = 600,
                Tasks = 8,
                Slots = 4,
                Pages = 12,
            },
            ["hash-fine-1"] = new()
            {
                Kind = TraceKind.HashFine,
                Seed = 1,
                Steps = 600,
                Tasks = 4,
                Slots = 2,
                Pages = 5,
            },
            ["atomic-1"] = new()
            {
                Kind = TraceKind.Atomic,
                Seed = 1,
                Steps = 300,
                Pages = 8,
                Cpus = 1,
                DebugHighmem = false,
            },
            ["atomic-2"] = new()
            {
                Kind = TraceKind.Atomic,
                Seed = 2,
                Steps = 300,
                Pages = 8,
                Cpus = 2,
                DebugHighmem = true,
            },
            ["atomic-3"] = new()
            {
                Kind = TraceKind.Atomic,
                Seed = 3,
                Steps = 300,
                Pages = 8,
                Cpus = 8,
                DebugHighmem = false,
            },
            ["atomic-4"] = new()
            {
                Kind = TraceKind.Atomic,
                Seed = 4,
                Steps = 300,
                Pages = 8,
                Cpus = 8,
                DebugHighmem = true,
            },
        };

    /// <summary>The names, for tests that run once for each.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>The folder that they lie in.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Traces");

    /// <summary>The file of a trace.</summary>
    public static string FileOf(string name) => Path.Combine(Folder, $"{name}.jsonl.gz");
}
