using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>How many mappings each task holds, for a port that asks; kmap_lock guards it.</summary>
/// <remarks>
/// A task that gives back what another has mapped has none of its own to take away, so the other's stays counted: such
/// ports are for tasks that give their own mappings back.
/// </remarks>
[KernelObject]
internal sealed partial class MappingsHeld<TKernel>
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel;
    private readonly SharedArray<TKernel> _held; // By task.

    internal MappingsHeld(IKernelBoot<TKernel> boot, int tasks, int kmapLock)
    {
        _kernel = boot.Kernel;
        _held = SharedArray<TKernel>.Create(
            boot, "kmaps_held", Math.Max(tasks, 1), kmapLock, index: IndexSort.Task);
    }

    /// <summary>How many the running task holds.</summary>
    internal int Mine => _held[_kernel.CurrentTask.Number];

    /// <summary>The running task has one more.</summary>
    internal void Add() => _held[_kernel.CurrentTask.Number]++;

    /// <summary>The running task has one less; false if it had none.</summary>
    internal bool Remove()
    {
        ref int mine = ref _held[_kernel.CurrentTask.Number];
        if (mine == 0)
            return false;

        mine--;
        return true;
    }
}
