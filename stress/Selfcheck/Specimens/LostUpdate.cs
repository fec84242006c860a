using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>Two increments by a read and a write; or by one step.</summary>
internal sealed class LostUpdate<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _count;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _count = Shared<TKernel>.Create(boot, "count", Protection.Marked);
        boot.AtEnd(() => _count.Peek == 2 ? null : new Finding(FailureClass.Assertion, $"the count is {_count.Peek}"));
    }

    /// <inheritdoc/>
    protected override KernelTask First() => Increment();

    /// <inheritdoc/>
    protected override KernelTask Second() => Increment();

    private async KernelTask Increment()
    {
        if (!IsWrong)
        {
            await _count.FetchAdd(1);
            return;
        }

        int before = await _count.ReadOnce();
        await _count.WriteOnce(before + 1);
    }
}
