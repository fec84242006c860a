using System.Threading;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// The short way from kernel code to its machine: as long as one thread runs all machines of an image, the one that it
/// has made current is meant.
/// </summary>
/// <remarks>
/// A way that leads to another thread's machine would let a step change a state that is not its own. So a second
/// machine and a second thread together close it for ever, and kernel code asks its thread. No thread steps a machine
/// of the image without having made it current, so none is missed.
/// </remarks>
[KernelObject]
internal sealed class MachineSlot
{
    private readonly Lock _lock = new();
    private ContextRunner? _first;
    private int _thread; // Which runs the machines; 0 before the first has run.
    private bool _isOne = true;
    private bool _isOneThread = true;

    /// <summary>The machine that is meant; null if that depends on the thread.</summary>
    internal ContextRunner? Meant { get; private set; }

    /// <summary>A machine of the image has been built.</summary>
    internal void Enter(ContextRunner runner)
    {
        lock (_lock)
        {
            _isOne = _first is null;
            _first ??= runner;
            if (_isOne)
                Meant = runner;
            else if (!_isOneThread)
                Meant = null;
        }
    }

    /// <summary>A thread steps this machine from now on.</summary>
    internal void MakeCurrent(ContextRunner runner, int thread)
    {
        lock (_lock)
        {
            _isOneThread &= _thread == 0 || _thread == thread;
            _thread = thread;
            Meant = _isOne || _isOneThread ? runner : null;
        }
    }
}
