using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Commands;
using Assembly = System.Reflection.Assembly;

namespace Kmaplab.Stress.Tests;

/// <summary>
/// Which folder may know which. Whoever needs a further edge adds it here, and sees what it would close.
/// </summary>
public sealed class LayeringTests
{
    private static readonly Assembly[] s_assemblies =
        [typeof(Machine).Assembly, typeof(HighMemory<>).Assembly, typeof(LabProgram).Assembly];

    // From the bottom to the top; beside each folder those that it knows. The library and the port without their first
    // names.
    private static readonly Dictionary<string, string> s_known = new()
    {
        ["Coroutines"] = "Coroutines.Objects Coroutines.Plain Coroutines.Source",
        ["Coroutines.Twins"] = "Coroutines",
        ["Coroutines.Stacks"] = "Coroutines",
        ["Kernel"] = "Coroutines Coroutines.Objects Detection",
        ["Allocator.Bookkeeping"] = "Coroutines Detection Kernel",
        ["Allocator.Memory"] = "Coroutines Coroutines.Plain Coroutines.Twins Kernel",
        ["Settings"] = "Detection",
        ["Simulation.Operations"] = "Kernel",
        ["Simulation.Memory"] = "Kernel Kernel.Rules Simulation.Operations",
        ["Simulation.Hardware"] = "Coroutines Detection Kernel Kernel.Rules Simulation.Memory Simulation.Operations",
        ["Simulation.Fusion"] = "Simulation.Hardware Simulation.Memory Simulation.Operations",
        ["Simulation.Outside"] = "Coroutines Coroutines.Objects Coroutines.Source Kernel",
        ["Simulation.Readiness"] =
            "Coroutines Coroutines.Objects Simulation.Hardware Simulation.Memory Simulation.Operations",
        ["Simulation.Running"] =
            "Coroutines Coroutines.Plain Coroutines.Source Detection Kernel Simulation.Fusion Simulation.Hardware "
            + "Simulation.Memory Simulation.Operations Simulation.Readiness",
        ["Simulation.Memo"] =
            "Coroutines Coroutines.Objects Coroutines.Stacks Detection Simulation.Fusion Simulation.Hardware "
            + "Simulation.Memory Simulation.Running",
        ["Simulation"] =
            "Coroutines Coroutines.Source Coroutines.Stacks Detection Kernel Simulation.Fusion "
            + "Simulation.Hardware Simulation.Memo Simulation.Memory Simulation.Operations "
            + "Simulation.Outside Simulation.Running",
        ["Detectors"] =
            "Coroutines Coroutines.Stacks Detection Kernel Simulation Simulation.Hardware "
            + "Simulation.Memory Simulation.Operations",
        ["Exploration.Classes"] = "Simulation Simulation.Hardware Simulation.Memory Simulation.Operations",
        ["Simulation.Cells"] =
            "Detection Simulation Simulation.Hardware Simulation.Memo Simulation.Memory "
            + "Simulation.Operations Simulation.Running",
        ["Exploration.Looks"] =
            "Simulation Simulation.Cells Simulation.Hardware Simulation.Memo Simulation.Memory Simulation.Operations",
        ["Exploration"] =
            "Detection Detectors Exploration.Looks Simulation Simulation.Cells Simulation.Hardware Simulation.Memory "
            + "Simulation.Operations Simulation.Outside",
        ["Exploration.Searches"] =
            "Coroutines.Stacks Detection Exploration Exploration.Classes Simulation "
            + "Simulation.Cells Simulation.Hardware Simulation.Memo Simulation.Memory "
            + "Simulation.Outside",
        ["Exploration.Strategies.Learned"] =
            "Exploration Exploration.Looks Simulation Simulation.Hardware Simulation.Memory",
        ["Exploration.Strategies"] =
            "Coroutines Exploration Exploration.Looks Exploration.Searches Exploration.Strategies.Learned Simulation "
            + "Simulation.Hardware Simulation.Memory",
        ["Scenarios"] =
            "Coroutines Coroutines.Source Detection Detectors Exploration Kernel Settings "
            + "Simulation Simulation.Memory Simulation.Operations Simulation.Running",
        ["Allocator.Settings"] = "Scenarios Settings",
        ["Allocator"] =
            "Allocator.Bookkeeping Allocator.Memory Allocator.Settings Coroutines Coroutines.Plain "
            + "Coroutines.Twins Detection Kernel Kernel.Rules Scenarios Settings",
        ["Allocator.Lowmem"] = "Allocator Allocator.Memory Allocator.Settings Coroutines Kernel",
        ["Schedules"] =
            "Detection Exploration Exploration.Searches Scenarios Settings Simulation "
            + "Simulation.Hardware Simulation.Memory Simulation.Operations",
        ["Threads.Memory"] = "Detection Kernel Simulation.Memory",
        ["Threads.Orders"] = "Detection Simulation.Memory Simulation.Operations",
        ["Recordings.Entries"] = "Simulation.Operations Threads.Orders",
        ["Recordings"] =
            "Detection Kernel Recordings.Entries Schedules Simulation Simulation.Hardware "
            + "Simulation.Memory Simulation.Operations Threads.Orders",
        ["Threads.Tasks"] = "Coroutines Coroutines.Plain Threads.Orders",
        ["Threads"] =
            "Coroutines Coroutines.Plain Detection Kernel Kernel.Rules Simulation.Hardware Simulation.Memory "
            + "Simulation.Operations Simulation.Running Threads.Memory Threads.Orders Threads.Tasks",
        ["Traces"] =
            "Coroutines Coroutines.Source Detection Exploration Kernel Schedules Simulation "
            + "Simulation.Hardware Simulation.Memory Simulation.Operations",
        ["Minimization"] =
            "Detection Exploration Exploration.Classes Exploration.Looks Exploration.Strategies Scenarios Settings "
            + "Simulation Simulation.Hardware Simulation.Memory Traces",
        ["Playing"] =
            "Coroutines.Source Detection Exploration Schedules Simulation Simulation.Hardware "
            + "Simulation.Memory Traces",
        ["Verification.Finiteness"] = "Coroutines Coroutines.Stacks Simulation Simulation.Memory",
        ["Verification.States"] =
            "Coroutines Coroutines.Objects Coroutines.Stacks Detection Simulation Simulation.Hardware Simulation.Memo",
        ["Verification.Storage"] = "Coroutines.Objects Simulation.Hardware",
        ["Verification.Checkpoints"] =
            "Coroutines Coroutines.Stacks Detection Simulation Simulation.Hardware "
            + "Simulation.Memory Verification.States Verification.Storage",
        ["Verification.Progress"] = "Coroutines Simulation Simulation.Hardware Simulation.Memory Verification.Storage",
        ["Verification.Symmetry"] =
            "Coroutines Coroutines.Stacks Detection Kernel Simulation Simulation.Hardware "
            + "Simulation.Memo Simulation.Memory Verification.States",
        ["Verification.Runs"] =
            "Coroutines Coroutines.Stacks Detection Exploration Exploration.Strategies Simulation "
            + "Simulation.Fusion Simulation.Hardware Simulation.Memory Verification.Progress "
            + "Verification.States Verification.Symmetry",
        ["Verification.Symmetry.Checks"] =
            "Coroutines.Stacks Simulation Simulation.Hardware Simulation.Memo Verification.States "
            + "Verification.Symmetry",
        ["Verification.Symmetry.Forms"] =
            "Coroutines Coroutines.Stacks Simulation Simulation.Hardware Simulation.Memo Simulation.Memory "
            + "Simulation.Operations Verification.States Verification.Symmetry",
        ["Verification"] =
            "Coroutines Coroutines.Stacks Detection Exploration Simulation Simulation.Fusion "
            + "Simulation.Hardware Simulation.Memo Simulation.Memory Simulation.Operations "
            + "Simulation.Outside Verification.Checkpoints Verification.Finiteness "
            + "Verification.Progress Verification.Runs Verification.States Verification.Storage "
            + "Verification.Symmetry Verification.Symmetry.Checks Verification.Symmetry.Forms",
    };

    private static readonly Lazy<SortedSet<(string From, string To)>> s_edges = new(FindEdges);

    [Fact]
    public void A_folder_of_the_library_or_the_port_knows_those_that_it_is_said_to_know_and_no_others()
    {
        IEnumerable<string> said = s_known.SelectMany(folder =>
            folder.Value.Split(' ').Select(known => $"{folder.Key} -> {known}"));
        IEnumerable<string> found = s_edges
            .Value.Where(edge => !edge.From.StartsWith("Stress", StringComparison.Ordinal))
            .Select(edge => $"{edge.From} -> {edge.To}");

        Assert.Equal(said.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_folder_knows_itself_by_way_of_others()
    {
        var left = new HashSet<string>(s_edges.Value.SelectMany(edge => new[] { edge.From, edge.To }));

        // Whoever knows nobody that is left is on no cycle.
        while (
            left.RemoveWhere(folder => !s_edges.Value.Any(edge => edge.From == folder && left.Contains(edge.To))) > 0)
        { }

        Assert.Empty(left);
    }

    private static SortedSet<(string From, string To)> FindEdges()
    {
        const string Root = "Kmaplab.";
        Architecture architecture = new ArchLoader().LoadAssemblies(s_assemblies).Build();

        // The loader gives type parameters of one name to whoever declares the first of them.
        IEnumerable<(string, string)> edges =
            from type in architecture.Types
            from dependency in type.Dependencies
            where dependency.Target is not GenericParameter
            let source = type.Namespace.FullName
            let target = dependency.Target.Namespace?.FullName ?? ""
            where
                source != target
                && source.StartsWith(Root, StringComparison.Ordinal)
                && target.StartsWith(Root, StringComparison.Ordinal)
            select (Short(source), Short(target));
        return [.. edges];

        static string Short(string folder) => folder[Root.Length..].Replace("Scheduler.", "", StringComparison.Ordinal);
    }
}
