using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>A task that spins until a word is set, which nobody does; or the other task does.</summary>
internal sealed class Spinner<TKernel> : Specimen<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _word;

    /// <inheritdoc/>
    protected override void LayOut(IKernelBoot<TKernel> boot) =>
        _word = Shared<TKernel>.Create(boot, "word", Protection.Marked);

    /// <inheritdoc/>
    protected override async KernelTask First()
    {
        while (await _word.ReadOnce() == 0)
            Kernel.LoopTurn();
    }

    /// <inheritdoc/>
    protected override async KernelTask Second() => await _word.WriteOnce(IsWrong ? 0 : 1);
}
