using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>A call that may sleep, with a spin lock held; or without.</summary>
internal sealed class SleepUnderLock<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _lock;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot) => _lock = SpinLock<TKernel>.Create(boot, "lock");

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        await _lock.Acquire();
        if (IsWrong)
            Kernel.MightSleep();

        await _lock.Release();
        Kernel.MightSleep();
    }

    /// <inheritdoc/>
    protected override async KernelTask Second()
    {
        await _lock.Acquire();
        await _lock.Release();
    }
}
