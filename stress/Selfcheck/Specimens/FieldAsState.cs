using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>What tasks share lies in a C# field; or in kernel memory.</summary>
internal sealed class FieldAsState<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _word;
    private Shared<TKernel> _count;
    private int _field;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot)
    {
        _word = Shared<TKernel>.Create(boot, "word", Protection.Marked);
        _count = Shared<TKernel>.Create(boot, "count", Protection.Marked);
    }

    /// <inheritdoc/>
    protected override KernelTask First() => Count();

    /// <inheritdoc/>
    protected override KernelTask Second() => Count();

    private async KernelTask Count()
    {
        await _word.WriteOnce(_field);
        if (IsWrong)
            _field++;
        else
            await _count.FetchAdd(1);
    }
}
