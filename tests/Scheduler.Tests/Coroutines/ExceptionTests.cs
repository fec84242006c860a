using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Coroutines;

public sealed class ExceptionTests
{
    private readonly List<string> _trace = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void What_a_task_throws_ends_it_and_is_kept(int stops)
    {
        KernelStack stack = StackRuns.Started(async () => await ThrowAfter(stops));
        Assert.Equal(stops, stack.RunToEnd());
        Assert.Equal("after:3", Assert.IsType<KernelBugException>(stack.Exception).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_caller_catches_what_a_callee_throws_before_and_after_a_suspension(int stops)
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                await ThrowAfter(stops);
                _trace.Add("not reached");
            }
            catch (KernelBugException)
            {
                _trace.Add("caught");
            }

            await KernelStep.Parked;
            _trace.Add("on");
        });
        Assert.Equal(stops + 1, stack.RunToEnd());
        Assert.Null(stack.Exception);
        Assert.Equal(["caught", "on"], _trace);
    }

    [Fact]
    public void An_exception_passes_through_callers_that_do_not_catch_it()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                Note(await PassThrough(4, stops: 2));
            }
            catch (KernelBugException exception)
            {
                _trace.Add(exception.Code);
            }
        });
        stack.RunToEnd();
        Assert.Equal(["finally 1", "finally 2", "finally 3", "finally 4", "after:3"], _trace);
        Assert.Null(stack.Exception);
    }

    [Fact]
    public void A_caller_that_was_entered_from_a_returning_callee_can_throw()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                await CallThenThrow();
            }
            catch (KernelBugException)
            {
                _trace.Add("caught");
            }
        });
        stack.RunToEnd();
        Assert.Equal(["caught"], _trace);
    }

    [Fact]
    public void A_caller_can_throw_another_exception_from_its_catch()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                await ThrowAfter(1);
            }
            catch (KernelBugException)
            {
                throw new ArithmeticException("second");
            }
        });
        stack.RunToEnd();
        Assert.Equal("second", Assert.IsType<ArithmeticException>(stack.Exception).Message);
    }

    [Fact]
    public void A_caught_exception_is_not_thrown_again_at_a_later_call()
    {
        int caught = 0;
        KernelStack stack = StackRuns.Started(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    await ThrowAfter(1);
                }
                catch (KernelBugException)
                {
                    caught++;
                }

                await PassThrough(2, stops: 1, code: false);
            }
        });
        stack.RunToEnd();
        Assert.Equal(5, caught);
        Assert.Null(stack.Exception);
    }

    [Fact]
    public void An_exception_filter_sees_a_suspended_callees_exception()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            try
            {
                await ThrowAfter(1);
            }
            catch (KernelBugException exception) when (exception.Code == "other")
            {
                _trace.Add("wrong filter");
            }
            catch (KernelBugException exception) when (exception.Code == "after:3")
            {
                _trace.Add("right filter");
            }
        });
        stack.RunToEnd();
        Assert.Equal(["right filter"], _trace);
    }

    [Fact]
    public void The_next_start_has_forgotten_the_exception()
    {
        KernelStack stack = StackRuns.Started(async () => await ThrowAfter(1));
        stack.RunToEnd();
        Assert.NotNull(stack.Exception);
        stack.Start(async () => await KernelStep.Parked);
        Assert.Null(stack.Exception);
        stack.RunToEnd();
        Assert.Null(stack.Exception);
    }

    [Fact]
    public void A_foreign_awaiter_is_refused_in_the_first_call_of_a_task() =>
        IsRefused(StackRuns.Started(async () => await Task.Yield()));

    [Fact]
    public void A_foreign_awaiter_is_refused_after_a_suspension()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            await KernelStep.Parked;
            await Task.Yield();
        });
        stack.Resume();
        IsRefused(stack);
    }

    /// <summary>What is thrown into such a method nobody can catch: it would end the process.</summary>
    [Fact]
    public void A_method_that_returns_a_task_of_the_framework_is_refused_where_it_is_awaited()
    {
        KernelStack stack = StackRuns.Started(async () => await StopForTheFramework());

        string message = Assert.IsType<KernelMisuseException>(stack.Exception).Message;
        Assert.Contains("kernel code awaited TaskAwaiter", message);
    }

    [Fact]
    public void A_foreign_awaiter_is_refused_in_a_callee_that_has_not_stopped_before()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            await KernelStep.Parked;
            Note(await YieldToTheRuntime());
        });
        stack.Resume();
        IsRefused(stack);
        Assert.Empty(_trace);
    }

    [Fact]
    public void A_caller_can_catch_the_refusal_and_go_on()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            await KernelStep.Parked;
            try
            {
                await YieldToTheRuntime();
            }
            catch (InvalidOperationException)
            {
                _trace.Add("refused");
            }

            await KernelStep.Parked;
            _trace.Add("end");
        });
        Assert.Equal(2, stack.RunToEnd());
        Assert.Equal(["refused", "end"], _trace);
    }

    private static void IsRefused(KernelStack stack)
    {
        Assert.True(stack.IsDone);
        string message = Assert.IsType<KernelMisuseException>(stack.Exception).Message;
        Assert.Contains("kernel code awaited YieldAwaitable", message);
        Assert.Contains("only await kernel functions and the kernel's primitives", message);
    }

    private static async Task StopForTheFramework() => await KernelStep.Parked;

    private static async KernelTask<int> YieldToTheRuntime()
    {
        await Task.Yield();
        return 1;
    }

    private static async KernelTask ThrowAfter(int stops)
    {
        for (int i = 0; i < stops; i++)
            await KernelStep.Parked;

        throw new KernelBugException("after:3");
    }

    private static async KernelTask CallThenThrow()
    {
        await KernelStep.Parked;
        await Callee();
        throw new KernelBugException("late");

        static async KernelTask Callee() => await KernelStep.Parked;
    }

    private async KernelTask<int> PassThrough(int levels, int stops, bool code = true)
    {
        try
        {
            if (levels > 1)
                return await PassThrough(levels - 1, stops, code);

            if (code)
                await ThrowAfter(stops);
            else
                await KernelStep.Parked;

            return 1;
        }
        finally
        {
            if (code)
                _trace.Add($"finally {levels}");
        }
    }

    // Not in line: the compiler would keep the list in a temporary across the await, which is refused.
    private void Note<T>(T value, string before = "") => _trace.Add($"{before}{value}");
}
