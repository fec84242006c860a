using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Commands;
using Assembly = System.Reflection.Assembly;

namespace Kmaplab.Stress.Tests;

/// <summary>Which folder may know which. Whoever needs a further edge adds it here, and sees what it would close.</summary>
public sealed class LayeringTests
{
    private static readonly Assembly[] s_assemblies =
        [typeof(Machine).Assembly, typeof(HighMemory<>).Assembly, typeof(LabProgram).Assembly];

    // From the bottom to the top; beside each folder of the library those that it may know.
    private static readonly Dictionary<string, string> s_allowed = new()
    {
        ["Detection"] = "",
        ["Coroutines"] = "",
        ["Kernel"] = "Coroutines Detection",
        ["Simulation.Outside"] = "Coroutines Kernel",
        ["Simulation"] = "Coroutines Detection Kernel Simulation.Outside",
        ["Detectors"] = "Coroutines Detection Kernel Simulation",
        ["Exploration"] = "Coroutines Detection Detectors Kernel Simulation Simulation.Outside",
        ["Exploration.Strategies"] = "Exploration Simulation",
        ["Scenarios"] = "Coroutines Detection Detectors Kernel Simulation",
        ["Schedules"] = "Coroutines Detection Detectors Exploration Kernel Scenarios Simulation",
    };

    private static readonly Lazy<SortedSet<(string From, string To)>> s_edges = new(FindEdges);

    [Fact]
    public void A_folder_of_the_library_knows_only_those_that_it_may()
    {
        IEnumerable<string> forbidden = s_edges.Value
            .Where(edge => s_allowed.TryGetValue(InLibrary(edge.From), out string? allowed) && !allowed.Split(' ').Contains(InLibrary(edge.To)))
            .Select(edge => $"{edge.From} -> {edge.To}");

        Assert.Empty(forbidden);
        Assert.Contains(("Scheduler.Simulation", "Scheduler.Kernel"), s_edges.Value); // It has looked at something.
    }

    [Fact]
    public void No_folder_knows_itself_by_way_of_others()
    {
        var left = new HashSet<string>(s_edges.Value.SelectMany(edge => new[] { edge.From, edge.To }));

        // Whoever knows nobody that is left is on no cycle.
        while (left.RemoveWhere(folder => !s_edges.Value.Any(edge => edge.From == folder && left.Contains(edge.To))) > 0)
        {
        }

        Assert.Empty(left);
    }

    private static string InLibrary(string folder) => folder.Replace("Scheduler.", "", StringComparison.Ordinal);

    private static SortedSet<(string From, string To)> FindEdges()
    {
        const string Root = "Kmaplab.";
        Architecture architecture = new ArchLoader().LoadAssemblies(s_assemblies).Build();
        IEnumerable<(string, string)> edges =
            from type in architecture.Types
            from dependency in type.Dependencies
            let source = type.Namespace.FullName
            let target = dependency.Target.Namespace?.FullName ?? ""
            where source != target && source.StartsWith(Root, StringComparison.Ordinal) && target.StartsWith(Root, StringComparison.Ordinal)
            select (source[Root.Length..], target[Root.Length..]);
        return [.. edges];
    }
}
