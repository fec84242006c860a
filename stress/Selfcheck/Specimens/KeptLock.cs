using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>A lock that is still held when its task ends; or is not.</summary>
internal sealed class KeptLock<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _lock;
    private Shared<TKernel> _word;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _lock = SpinLock<TKernel>.Create(boot, "lock");
        _word = Shared<TKernel>.Create(boot, "word", Protection.Marked);
    }

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        await _lock.Acquire();
        if (!IsWrong)
            await _lock.Release();
    }

    /// <inheritdoc/>
    protected override async KernelTask Second() => await _word.WriteOnce(1);
}
