using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>Two locks, taken in two orders; or in one.</summary>
internal sealed class CrossedLocks<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _one;
    private SpinLock<TKernel> _other;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _one = SpinLock<TKernel>.Create(boot, "one");
        _other = SpinLock<TKernel>.Create(boot, "other");
    }

    /// <inheritdoc/>
    protected override KernelTask First() => TakeBoth(_one, _other);

    /// <inheritdoc/>
    protected override KernelTask Second() => IsWrong ? TakeBoth(_other, _one) : TakeBoth(_one, _other);

    private static async KernelTask TakeBoth(SpinLock<TKernel> outside, SpinLock<TKernel> inside)
    {
        await outside.Acquire();
        await inside.Acquire();
        await inside.Release();
        await outside.Release();
    }
}
