using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Traces;

/// <summary>Values of kernel memory as people read them: a lock's holder, a page, an address, a record.</summary>
internal static class WordText
{
    /// <summary>A value of the word at an address.</summary>
    internal static string Of(Machine machine, int address, int value)
    {
        foreach (MemoryRegion region in machine.Image.Regions)
        {
            if (address >= region.Start && address < region.Start + region.Length)
                return Of(machine, region.Sort, value);
        }

        return $"{value}";
    }

    /// <summary>A value of a sort of word.</summary>
    internal static string Of(Machine machine, WordSort sort, int value) =>
        sort switch
        {
            WordSort.Context => value == 0 ? "free"
            : IsContext(machine, value - 1) ? machine.NameOf(value - 1)
            : $"{value}",
            WordSort.Frame => value == 0 ? "none" : $"page {value - 1}",
            WordSort.Address => new VirtualAddress((uint)value).ToString(),
            WordSort.Record => value == 0 ? "NULL" : $"record {value - 1}",
            _ => $"{value}",
        };

    private static bool IsContext(Machine machine, int context) => context >= 0 && context < machine.Tasks.Contexts;
}
