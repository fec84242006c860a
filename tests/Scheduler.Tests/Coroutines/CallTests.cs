using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Tests.Coroutines;

public sealed class CallTests
{
    private readonly List<string> _trace = [];

    [Fact]
    public void A_task_stops_in_front_of_every_parked_step_and_nowhere_else()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            _trace.Add("a");
            await KernelStep.Parked;
            _trace.Add("b");
            await KernelStep.Done;
            _trace.Add("c");
            await KernelStep.Parked;
            _trace.Add("d");
        });
        Assert.Equal(["a"], _trace);
        stack.Resume();
        Assert.Equal(["a", "b", "c"], _trace);
        Assert.False(stack.IsDone);
        stack.Resume();
        Assert.Equal(["a", "b", "c", "d"], _trace);
        Assert.True(stack.IsDone);
        Assert.Null(stack.Exception);
    }

    [Fact]
    public void A_task_that_never_stops_has_ended_when_Start_returns()
    {
        KernelStack stack = StackRuns.Started(async () => Note(await AddWithoutStopping(2, 3)));
        Assert.True(stack.IsDone);
        Assert.Equal(["5"], _trace);
    }

    [Fact]
    public void Results_reach_callers_at_every_depth()
    {
        KernelStack stack = StackRuns.Started(async () => Note(await Depth(5)));
        Assert.Equal(6, stack.RunToEnd());
        Assert.Equal(["5"], _trace);
    }

    [Fact]
    public void A_callee_in_a_loop_gets_a_fresh_frame_every_time()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            int sum = 0;
            for (int i = 0; i < 10; i++)
                sum += await AddAfterStops(i, 1, stops: i % 3);

            _trace.Add($"{sum}");
        });
        Assert.Equal(9, stack.RunToEnd());
        Assert.Equal(["55"], _trace);
    }

    [Theory]
    [InlineData(0, 0, -1)] // Returns without stopping.
    [InlineData(1, 1, 0)]  // Returns out of the loop.
    [InlineData(2, 4, 3)]  // Goes through the whole loop.
    public void An_early_return_skips_what_follows(int argument, int resumes, int result)
    {
        KernelStack stack = StackRuns.Started(async () => Note(await LeaveEarly(argument)));
        Assert.Equal(resumes, stack.RunToEnd());
        Assert.Equal([$"{result}"], _trace);
    }

    [Fact]
    public void A_void_function_lets_its_caller_go_on_where_it_called()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            await Void(1);
            await Void(2);
            _trace.Add("end");
        });
        stack.RunToEnd();
        Assert.Equal(["1 <", "1 >", "2 <", "2 >", "end"], _trace);
    }

    [Fact]
    public void Recursion_returns_through_all_levels()
    {
        KernelStack stack = StackRuns.Started(async () => Note(await Fibonacci(10)));
        Assert.Equal(89, stack.RunToEnd()); // One stop per leaf of the call tree: fib(11) of them.
        Assert.Equal(["55"], _trace);
    }

    [Fact]
    public void Two_recursive_calls_in_one_expression_do_not_mix_up_their_results()
    {
        KernelStack stack = StackRuns.Started(async () =>
            Note(await AddAfterStops(1, 2, 2) - await AddAfterStops(10, 20, 3)));
        Assert.Equal(5, stack.RunToEnd());
        Assert.Equal(["-27"], _trace);
    }

    [Fact]
    public void A_thousand_suspended_calls_return_in_one_resume()
    {
        KernelStack stack = StackRuns.Started(async () => Note(await Bottom(1000)));
        Assert.Equal(1, stack.RunToEnd());
        Assert.Equal(["1000"], _trace);
    }

    [Fact]
    public void A_loop_of_calls_that_stop_does_not_pile_up_on_the_real_stack()
    {
        // Each turn that piled up would cost 100 bytes and more of the 1.5 MB that a thread has: a million cannot fit.
        const int Turns = 1_000_000;
        int turns = 0;
        KernelStack stack = StackRuns.Started(async () =>
        {
            for (; turns < Turns; turns++)
                await AddAfterStops(1, 1, 1);
        });
        Assert.Equal(Turns, stack.RunToEnd(Turns + 1));
        Assert.Equal(Turns, turns);
    }

    [Fact]
    public void A_step_yields_what_was_put_into_the_return_register()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            int read = await KernelStep<int>.Parked;
            bool won = await KernelStep<bool>.Parked;
            int known = await KernelStep<int>.Done(7);
            _trace.Add($"{read} {won} {known}");
        });
        stack.ResumeWith(-5);
        stack.ResumeWith(1);
        Assert.True(stack.IsDone);
        Assert.Equal(["-5 True 7"], _trace);
    }

    [Fact]
    public void A_finally_runs_once_when_the_call_ends_and_not_when_it_stops()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                await Void(3);
            }
            finally
            {
                _trace.Add("finally");
            }
        });
        Assert.Equal(["3 <"], _trace);
        stack.RunToEnd();
        Assert.Equal(["3 <", "3 >", "finally"], _trace);
    }

    [Fact]
    public void Two_stacks_on_one_thread_keep_apart()
    {
        KernelStack first = StackRuns.Started(async () => Note(await AddAfterStops(1, 1, 3), "first "));
        KernelStack second = StackRuns.Started(async () => Note(await AddAfterStops(2, 2, 3), "second "));
        for (int i = 0; i < 3; i++)
        {
            first.Resume();
            second.Resume();
        }

        Assert.True(first.IsDone && second.IsDone);
        Assert.Equal(["first 2", "second 4"], _trace);
    }

    [Fact]
    public void A_stack_can_be_started_again_after_its_end_and_in_the_middle()
    {
        var stack = new KernelStack();
        stack.Start(Stop);
        stack.Unwind();
        stack.Start(Stop);
        stack.RunToEnd();
        stack.Start(Stop);
        stack.RunToEnd();
        Assert.Equal(["start", "start", "end", "start", "end"], _trace);

        async KernelTask Stop()
        {
            _trace.Add("start");
            await KernelStep.Parked;
            _trace.Add("end");
        }
    }

    private static async KernelTask<int> AddWithoutStopping(int a, int b)
    {
        await KernelStep.Done;
        return a + b;
    }

    private static async KernelTask<int> AddAfterStops(int a, int b, int stops)
    {
        for (int i = 0; i < stops; i++)
            await KernelStep.Parked;

        return a + b;
    }

    private static async KernelTask<int> Depth(int levels)
    {
        int below = levels == 0 ? -1 : await Depth(levels - 1);
        await KernelStep.Parked;
        return below + 1;
    }

    private static async KernelTask<int> Bottom(int levels)
    {
        if (levels > 0)
            return 1 + await Bottom(levels - 1);

        await KernelStep.Parked;
        return 0;
    }

    private static async KernelTask<int> LeaveEarly(int stops)
    {
        if (stops == 0)
            return -1;

        for (int i = 0; i < 4; i++)
        {
            await KernelStep.Parked;
            if (stops == 1)
                return i;
        }

        return 3;
    }

    private static async KernelTask<int> Fibonacci(int n)
    {
        if (n >= 2)
            return await Fibonacci(n - 1) + await Fibonacci(n - 2);

        await KernelStep.Parked;
        return n;
    }

    private async KernelTask Void(int name)
    {
        _trace.Add($"{name} <");
        await KernelStep.Parked;
        _trace.Add($"{name} >");
    }

    // Not in line: the compiler would keep the list in a temporary across the await, which is refused.
    private void Note<T>(T value, string before = "") => _trace.Add($"{before}{value}");
}
