using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace OwnSubsystem;

/// <summary>One task completes once for each of the others, which wait.</summary>
public abstract class CompletionScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private Completion<TKernel> _completion = null!;
    private int _waiters;

    /// <inheritdoc/>
    public override int Pages(ScenarioSize size) => 0;

    /// <inheritdoc/>
    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _completion = new Completion<TKernel>(boot, "done");
        _waiters = size.Tasks - 1;
        boot.Spawn("completer", CompleteAll);
        for (int waiter = 0; waiter < _waiters; waiter++)
            boot.Spawn("waiter", () => Wait(_completion));
    }

    /// <summary>What a waiter does.</summary>
    protected abstract KernelTask Wait(Completion<TKernel> completion);

    private async KernelTask CompleteAll()
    {
        for (int i = 0; i < _waiters; i++)
            await _completion.Complete();
    }
}

/// <summary>wait_for_completion() as it is.</summary>
[Scenario("completion", "one task completes, the others wait", Uses = SizeParts.Tasks, Tasks = 3, TasksMin = 2)]
public sealed class CompletionWait<TKernel> : CompletionScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override KernelTask Wait(Completion<TKernel> completion) => completion.Wait();
}

/// <summary>A wait that looks, and only then queues.</summary>
[Scenario("completion-careless", "the same, but waiters look before they queue", Uses = SizeParts.Tasks, TasksMin = 2)]
[Race(
    "completion-missed",
    FailureClass.LostWakeup,
    Scenario = "completion-careless",
    Story = "The waiter sees that nothing is done and lets go of the lock. Now it is done, and nobody is on the "
        + "queue. The waiter queues and sleeps.",
    Fix = "Queue and set the state under the lock under which the count changes, and look again after every wake-up.",
    Reference = "kernel/sched.c, wait_for_completion()")]
public sealed class CompletionCareless<TKernel> : CompletionScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override KernelTask Wait(Completion<TKernel> completion) => completion.WaitCarelessly();
}
