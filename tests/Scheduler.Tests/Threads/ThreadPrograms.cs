using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Little programs of kernel code, booted on threads.</summary>
internal static class ThreadPrograms
{
    /// <summary>A machine with all checks.</summary>
    internal static ThreadMachine Checked(Action<IKernelBoot<ThreadKernel<CheckedMode>>> boot) =>
        ThreadMachine.Boot(new ThreadOptions(), boot);

    /// <summary>Runs one task with all checks.</summary>
    internal static ThreadRun RunOne(
        Func<ThreadKernel<CheckedMode>, KernelTask> body, Action<IKernelBoot<ThreadKernel<CheckedMode>>>? before = null)
    {
        return Checked(boot =>
        {
            before?.Invoke(boot);
            ThreadKernel<CheckedMode> kernel = boot.Kernel;
            boot.Spawn("body", () => body(kernel));
        }).Finish();
    }

    /// <summary>Runs it to its end, or until the test is given up.</summary>
    internal static ThreadRun Finish(
        this ThreadMachine machine, Action<ThreadTotals>? look = null, Func<ThreadEpoch, bool>? keep = null) =>
        machine.Run(look, keep, stop: TestContext.Current.CancellationToken);

    /// <summary>What a kernel function that has been called here has done, is done.</summary>
    internal static void Complete(KernelTask call) => call.GetAwaiter().GetResult();

    /// <summary>Asserts that a run has found something.</summary>
    internal static void AssertFound(ThreadRun run, FailureClass failure, params string[] texts)
    {
        Assert.NotNull(run.Finding);
        Assert.Equal((failure, ""), (run.Finding.Class, failure == run.Finding.Class ? "" : run.Finding.Message));
        Assert.All(texts, text => Assert.Contains(text, run.Finding.Message, StringComparison.Ordinal));
        Assert.False(run.IsComplete && failure != FailureClass.Leak && failure != FailureClass.Assertion);
        Assert.Equal(0, run.ThreadsLeft);
    }
}
