using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// One of two objects in whose function a task may stand: only the object says what will happen next.
/// </summary>
[KernelObject]
internal sealed class Gate<TKernel>(IKernelBoot<TKernel> boot, SpinLock<TKernel> spinLock, bool isOpen)
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel = boot.Kernel;
    private readonly SpinLock<TKernel> _lock = spinLock;

    internal async KernelTask Pass()
    {
        await _lock.Acquire();
        await _lock.Release();
        if (!isOpen)
            _kernel.Fail(FailureClass.Assertion, "a closed gate was passed");
    }
}
