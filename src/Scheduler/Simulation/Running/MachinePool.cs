using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>The frames of one machine's stacks, by which kernel code finds whoever runs it.</summary>
/// <remarks><paramref name="slot"/> is the short way to whoever is current, if there is one.</remarks>
internal sealed class MachinePool(ContextRunner runner, MachineSlot? slot) : FramePool
{
    /// <summary>Who runs kernel code on this thread, or did last.</summary>
    internal static ContextRunner CurrentRunner
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<MachinePool>(Current).Runner;
    }

    private ContextRunner Runner { get; } = runner;

    private protected override void BecomeCurrent()
    {
        base.BecomeCurrent();
        slot?.MakeCurrent(Runner, Environment.CurrentManagedThreadId);
    }
}
