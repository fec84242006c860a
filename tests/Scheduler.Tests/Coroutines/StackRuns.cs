using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>Runs kernel code on a stack without a machine: whoever resumes it plays the other CPUs.</summary>
internal static class StackRuns
{
    /// <summary>A stack that has run <paramref name="body"/> up to its first scheduling point.</summary>
    internal static KernelStack Started(Func<KernelTask> body, bool copyOnResume = false)
    {
        var stack = new KernelStack(new FramePool(), copyOnResume);
        stack.Start(body);
        return stack;
    }

    /// <summary>Resumes until the task has ended, and yields how often that was.</summary>
    internal static int RunToEnd(this KernelStack stack, int resumesMax = 10_000)
    {
        int resumes = 0;
        for (; !stack.IsDone; resumes++)
        {
            Assert.True(resumes < resumesMax, $"the task has not ended after {resumesMax} resumes");
            stack.Resume();
        }

        return resumes;
    }

    /// <summary>Resumes with what the operation yields.</summary>
    internal static void ResumeWith(this KernelStack stack, long result)
    {
        stack.ReturnRegister = result;
        stack.Resume();
    }
}
