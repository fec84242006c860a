using System.Threading;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// The short way from kernel code to its machine: as long as an image runs on one machine only, that is it.
/// </summary>
/// <remarks>With a second machine the way is closed for ever, and kernel code asks its thread.</remarks>
[KernelObject]
internal sealed class MachineSlot
{
    private readonly Lock _lock = new();
    private bool _isTaken;

    /// <summary>The only machine of the image; null if there are several.</summary>
    internal ContextRunner? Only { get; private set; }

    internal void Enter(ContextRunner runner)
    {
        lock (_lock)
        {
            Only = _isTaken ? null : runner;
            _isTaken = true;
        }
    }
}
