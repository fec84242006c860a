using System.Reflection;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Commands;

namespace Kmaplab.Stress.Tests;

/// <summary>Which folder may know which. Whoever adds an edge adds it here, and sees what it closes.</summary>
public sealed class LayeringTests
{
    private static readonly Assembly[] s_assemblies = [typeof(Machine).Assembly, typeof(HighMemory<>).Assembly, typeof(LabProgram).Assembly];

    // From the bottom to the top. A folder may know those that are named beside it.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Scheduler.Detection"] = [],
        ["Scheduler.Coroutines"] = [],
        ["Scheduler.Kernel"] = ["Coroutines", "Detection"],
        ["Scheduler.Simulation.Outside"] = ["Coroutines", "Kernel"],
        ["Scheduler.Simulation"] = ["Coroutines", "Detection", "Kernel", "Simulation.Outside"],
        ["Scheduler.Detectors"] = ["Coroutines", "Detection", "Kernel", "Simulation"],
    };

    private static readonly SortedSet<string> s_edges = Edges();

    [Fact]
    public void No_two_folders_know_each_other_even_by_way_of_others()
    {
        // Takes away, again and again, folders that know no other one that is left. Cycles stay.
        var left = new HashSet<string>(s_edges.SelectMany(Ends));
        while (left.RemoveWhere(folder => !left.Any(other => s_edges.Contains(Edge(folder, other)))) > 0)
        {
        }

        Assert.Empty(left);
    }
}
