using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck.Specimens;

/// <summary>
/// Two tasks that make one mistake, or do the same rightly: what the size's script says. Not in the catalogue.
/// </summary>
internal abstract class Specimen<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    internal const string Wrong = "wrong";
    internal const string Right = "right";

    /// <summary>The kernel that it runs on.</summary>
    protected TKernel Kernel { get; private set; }

    /// <summary>Whether the mistake is to be made.</summary>
    protected bool IsWrong { get; private set; }

    /// <inheritdoc/>
    public sealed override int Tasks(ScenarioSize size) => 2;

    /// <inheritdoc/>
    public sealed override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        Kernel = boot.Kernel;
        IsWrong = size.Script == Wrong;
        LayOut(boot);
        boot.Spawn("first", First);
        boot.Spawn("second", Second);
    }

    /// <summary>Makes what the tasks share.</summary>
    protected abstract void LayOut(IKernelBoot<TKernel> boot);

    /// <summary>Task 0.</summary>
    protected abstract KernelTask First();

    /// <summary>Task 1.</summary>
    protected abstract KernelTask Second();
}
