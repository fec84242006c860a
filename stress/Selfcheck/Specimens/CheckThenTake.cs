using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>The last of something, taken by whoever has seen that it is there; or by whoever gets it.</summary>
internal sealed class CheckThenTake<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _left;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _left = Shared<TKernel>.Create(boot, "left", Protection.Marked);
        _left.Poke(1);
    }

    /// <inheritdoc/>
    protected override KernelTask First() => Take();

    /// <inheritdoc/>
    protected override KernelTask Second() => Take();

    private async KernelTask Take()
    {
        int seen = await _left.ReadOnce();
        if (seen == 0)
            return;

        if (!IsWrong)
        {
            await _left.CompareExchange(1, 0);
            return;
        }

        int before = await _left.FetchAdd(-1);
        if (before == 0)
            Kernel.Bug("take:nothing is left");
    }
}
