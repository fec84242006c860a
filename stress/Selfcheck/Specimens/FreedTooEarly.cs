using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>An object that is freed while the other task may still use it; or when that has finished.</summary>
internal sealed class FreedTooEarly<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private Lifetimes<TKernel> _objects;
    private Shared<TKernel> _isThere;
    private Shared<TKernel> _isDone;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _objects = Lifetimes<TKernel>.Create(boot, "object", 1);
        _isThere = Shared<TKernel>.Create(boot, "is_there", Protection.Marked);
        _isDone = Shared<TKernel>.Create(boot, "is_done", Protection.Marked);
    }

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        _objects.Allocate(0);
        await _isThere.WriteOnce(1);
        if (IsWrong)
            await _isDone.ReadOnce();
        else
            await _isDone.Await(1);

        _objects.Free(0);
    }

    /// <inheritdoc/>
    protected override async KernelTask Second()
    {
        await _isThere.Await(1);
        _objects.Use(0);
        await _isDone.WriteOnce(1);
    }
}
