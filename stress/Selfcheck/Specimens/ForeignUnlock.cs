using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>A lock, released by a task that does not hold it; or by the one that does.</summary>
internal sealed class ForeignUnlock<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _lock;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot) => _lock = SpinLock<TKernel>.Create(boot, "lock");

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        await _lock.Acquire();
        await _lock.Release();
    }

    /// <inheritdoc/>
    protected override async KernelTask Second()
    {
        if (!IsWrong)
            await _lock.Acquire();

        await _lock.Release();
    }
}
