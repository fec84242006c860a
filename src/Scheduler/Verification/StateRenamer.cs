using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Rewrites kernel memory as if tasks, with their CPUs, and page frames had other numbers.</summary>
internal sealed class StateRenamer(MachineImage image)
{
    private readonly int[] _old = new int[image.StackBase];
    private readonly MemoryRegion[] _regions =
    [
        .. image.Regions.Where(region => region.Start < image.StackBase && region.Start != 0 && region.Length > 0
            && (region.Index != IndexSort.None || region.Sort is WordSort.Context or WordSort.Frame or WordSort.Queue)),
    ];

    internal void Rename(int[] memory, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages)
    {
        memory.AsSpan(0, _old.Length).CopyTo(_old);
        TaskTable.Rename(_old, memory, tasks, pages);
        CpuTable.Rename(_old, memory, image.CpuBase, image.Cpus, tasks);
        foreach (MemoryRegion region in _regions)
            Rename(region, memory, tasks, pages);

        foreach (int[] words in image.MovingWithFrames)
        {
            for (int page = 0; page < words.Length; page++)
                memory[words[pages[page]]] = _old[words[page]];
        }
    }

    private void Rename(MemoryRegion region, int[] memory, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages)
    {
        ReadOnlySpan<int> old = _old.AsSpan(region.Start, region.Length);
        Span<int> renamed = memory.AsSpan(region.Start, region.Length);
        switch (region.Index)
        {
            case IndexSort.None when region.Sort == WordSort.Queue:
                for (int i = 1; i <= old[0]; i++)
                    renamed[i] = WaitQueueTable.Renamed(old[i], tasks);

                break;
            case IndexSort.None:
                for (int i = 0; i < old.Length; i++)
                    renamed[i] = Value(region.Sort, old[i], tasks, pages);

                break;
            case IndexSort.Frame:
                for (int i = 0; i < old.Length; i++)
                    renamed[pages[i]] = Value(region.Sort, old[i], tasks, pages);

                break;
            default:
                RenameRows(region, old, renamed, tasks, pages);
                break;
        }
    }

    private static void RenameRows(
        MemoryRegion region, ReadOnlySpan<int> old, Span<int> renamed, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages)
    {
        int row = old.Length / tasks.Length;
        for (int task = 0; task < tasks.Length; task++)
        {
            for (int i = 0; i < row; i++)
            {
                int column = region.Index == IndexSort.TaskAndFrame ? pages[i] : i;
                renamed[(tasks[task] * row) + column] = Value(region.Sort, old[(task * row) + i], tasks, pages);
            }
        }
    }

    private static int Value(WordSort sort, int value, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages) => sort switch
    {
        WordSort.Context when (uint)(value - 1) < (uint)tasks.Length => tasks[value - 1] + 1,
        WordSort.Frame when (uint)(value - 1) < (uint)pages.Length => pages[value - 1] + 1,
        _ => value,
    };
}
