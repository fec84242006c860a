using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>A stack that resumes by copying can be continued in as many ways as wanted from each point.</summary>
public sealed class CloneTests
{
    private readonly List<string> _trace = [];

    [Fact]
    public void A_clone_and_its_original_run_to_different_ends()
    {
        KernelStack original = StackRuns.Started(async () => Note(await AddReads(2)), copyOnResume: true);
        original.ResumeWith(10);
        KernelStack clone = original.Clone();
        original.ResumeWith(1);
        clone.ResumeWith(2);
        Assert.True(original.IsDone && clone.IsDone);
        Assert.Equal(["11", "12"], _trace);
    }

    [Fact]
    public void A_clone_can_be_continued_long_after_its_original_has_ended()
    {
        KernelStack original = StackRuns.Started(async () => Note(await AddReads(5)), copyOnResume: true);
        original.ResumeWith(1);
        KernelStack clone = original.Clone();
        for (int i = 0; i < 4; i++)
            original.ResumeWith(1);

        for (int i = 0; i < 4; i++)
            clone.ResumeWith(100);

        Assert.Equal(["5", "401"], _trace);
    }

    [Fact]
    public void Clones_share_the_callers_that_neither_has_come_back_to()
    {
        KernelStack original = StackRuns.Started(async () => Note(await Nested(3)), copyOnResume: true);
        KernelStack clone = original.Clone();
        original.ResumeWith(1);
        clone.ResumeWith(2);
        Assert.NotSame(original.Top, clone.Top);
        Assert.Same(original.Top!.Parent, clone.Top!.Parent);
    }

    [Fact]
    public void Clones_return_through_shared_callers_with_results_of_their_own()
    {
        KernelStack original = StackRuns.Started(async () => Note(await Nested(3)), copyOnResume: true);
        KernelStack clone = original.Clone();
        KernelStack third = clone.Clone();
        Finish(original, 1, 2);
        Finish(clone, 10, 20);
        Finish(third, 100, 200);
        Assert.Equal(["1003", "1030", "1300"], _trace);
    }

    [Fact]
    public void A_clone_of_a_clone_of_every_point_leads_to_every_end()
    {
        // Each of 4 reads yields 0 or 1: 16 ends, each reached once by copying at every point.
        var ends = new List<string>();
        Explore(StackRuns.Started(async () => Note(await AddReads(4, factor: 2)), copyOnResume: true), ends);
        Assert.Equal([.. Enumerable.Range(0, 16).Select(number => $"{number}")], ends);
    }

    [Fact]
    public void One_clone_can_throw_while_the_other_returns()
    {
        KernelStack original = StackRuns.Started(async () => Note(await ThrowIfNegative()), copyOnResume: true);
        KernelStack clone = original.Clone();
        original.ResumeWith(-1);
        clone.ResumeWith(1);
        Assert.IsType<KernelBugException>(original.Exception);
        Assert.Null(clone.Exception);
        Assert.Equal(["1"], _trace);
    }

    [Fact]
    public void A_stack_that_resumes_in_place_refuses_to_be_cloned()
    {
        KernelStack stack = StackRuns.Started(async () => await KernelStep.Parked);
        Assert.Contains(
            "make it with copyOnResume",
            Assert.Throws<InvalidOperationException>(stack.Clone).Message,
            StringComparison.Ordinal);
    }

    private static void Finish(KernelStack stack, long first, long second)
    {
        stack.ResumeWith(first);
        stack.ResumeWith(second);
        stack.RunToEnd();
    }

    private void Explore(KernelStack stack, List<string> ends)
    {
        if (stack.IsDone)
        {
            ends.Add(_trace[^1]);
            return;
        }

        foreach (int read in (ReadOnlySpan<int>)[0, 1])
        {
            KernelStack clone = stack.Clone();
            clone.ResumeWith(read);
            Explore(clone, ends);
        }
    }

    private static async KernelTask<int> AddReads(int reads, int factor = 1)
    {
        int sum = 0;
        for (int i = 0; i < reads; i++)
        {
            int read = await KernelStep<int>.Parked;
            sum = (sum * factor) + read;
        }

        return sum;
    }

    private static async KernelTask<int> Nested(int levels)
    {
        if (levels == 0)
            return await AddReads(2);

        int below = await Nested(levels - 1);
        return levels == 1 ? below + 1000 : below;
    }

    private static async KernelTask<int> ThrowIfNegative()
    {
        int read = await KernelStep<int>.Parked;
        return read >= 0 ? read : throw new KernelBugException("negative");
    }

    private void Note(int value) => _trace.Add($"{value}");
}
