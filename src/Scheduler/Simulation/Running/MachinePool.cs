using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>The frames of one machine's stacks, by which kernel code finds whoever runs it.</summary>
internal sealed class MachinePool(ContextRunner runner) : FramePool
{
    /// <summary>Who runs kernel code on this thread, or did last.</summary>
    internal static ContextRunner CurrentRunner
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<MachinePool>(Current).Runner;
    }

    private ContextRunner Runner { get; } = runner;
}
