using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>A word that a lock guards, accessed by one task without it; or by both with it.</summary>
internal sealed class UnlockedAccess<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _lock;
    private Shared<TKernel> _guarded;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _lock = SpinLock<TKernel>.Create(boot, "lock");
        _guarded = Shared<TKernel>.Create(boot, "guarded", _lock.Number);
    }

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        await _lock.Acquire();
        _guarded.Value++;
        await _lock.Release();
    }

    /// <inheritdoc/>
    protected override async KernelTask Second()
    {
        await _lock.Acquire();
        if (!IsWrong)
            _guarded.Value++;

        await _lock.Release();
        if (IsWrong)
            _guarded.Value++;
    }
}
