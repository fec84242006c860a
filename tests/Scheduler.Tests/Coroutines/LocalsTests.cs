using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>
/// Only what a snapshot can copy may live across an await; everything else is refused by name, in Debug and Release
/// builds.
/// </summary>
public sealed class LocalsTests
{
    private readonly List<string> _trace = [];

    [Fact]
    public void Values_survive_a_suspension()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            int number = 7;
            var page = new PageFrame(3);
            await KernelStep.Parked;
            Note($"{number} {page}");
        });
        stack.RunToEnd();
        Assert.Equal(["7 frame 3"], _trace);
    }

    [Fact]
    public void A_reference_to_what_was_made_at_boot_survives_a_suspension()
    {
        var made = new MadeAtBoot(5);
        KernelStack stack = StackRuns.Started(() => KeepObject(made));
        stack.RunToEnd();
        Assert.Null(stack.Exception);
        Assert.Equal(["5"], _trace);
    }

    [Fact]
    public void Any_other_reference_is_refused_by_the_name_of_the_method_and_the_local()
    {
        KernelStack stack = StackRuns.Started(() => KeepText("text"));
        IsRefused(stack, "LocalsTests.KeepText: local 'text' keeps a reference to String across an await");
    }

    [Fact]
    public void A_reference_of_the_compiler_is_refused_by_the_name_of_the_method()
    {
        KernelStack stack = StackRuns.Started(KeepTemporary);
        IsRefused(stack, "LocalsTests.KeepTemporary: a temporary of the compiler");
    }

    [Fact]
    public void A_caught_exception_that_is_used_after_an_await_is_refused_when_that_await_suspends()
    {
        KernelStack stack = StackRuns.Started(KeepException);
        Assert.False(stack.IsDone); // Nothing is wrong as long as nothing was caught.
        stack.Resume();
        IsRefused(stack, "LocalsTests.KeepException: ", "caught exception");
        Assert.Empty(_trace);
    }

    [Fact]
    public void A_caught_exception_may_cross_an_await_that_does_not_suspend()
    {
        KernelStack stack = StackRuns.Started(Catch);
        stack.RunToEnd();
        Assert.Null(stack.Exception);
        Assert.Equal(["late"], _trace);
    }

    [Fact]
    public void A_task_can_suspend_after_a_function_that_caught_an_exception()
    {
        KernelStack stack = StackRuns.Started(async () =>
        {
            await Catch();
            await KernelStep.Parked;
            Note("on");
        });
        stack.RunToEnd();
        Assert.Null(stack.Exception);
        Assert.Equal(["late", "on"], _trace);
    }

    [Fact]
    public void A_finally_can_suspend_where_nothing_was_thrown()
    {
        KernelStack stack = StackRuns.Started(() => SuspendInFinally(throws: false));
        Assert.Equal(2, stack.RunToEnd());
        Assert.Null(stack.Exception);
        Assert.Equal(["finally"], _trace);
    }

    [Fact]
    public void A_finally_that_suspends_with_an_exception_on_its_way_is_refused()
    {
        KernelStack stack = StackRuns.Started(() => SuspendInFinally(throws: true));
        stack.Resume();
        IsRefused(stack, "LocalsTests.SuspendInFinally: a temporary of the compiler", "caught exception");
        Assert.Empty(_trace);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_task_that_catches_a_refusal_and_returns_has_ended(int stops)
    {
        KernelStack stack = StackRuns.Started(() => CatchRefusal(stops));
        Assert.Equal(stops, stack.RunToEnd());
        Assert.Null(stack.Exception);
        Assert.Equal(["refused"], _trace);
    }

    private static void IsRefused(KernelStack stack, params string[] parts)
    {
        Assert.True(stack.IsDone);
        string message = Assert.IsType<KernelMisuseException>(stack.Exception).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static async KernelTask ThrowAfterStop()
    {
        await KernelStep.Parked;
        throw new KernelBugException("late");
    }

    private async KernelTask KeepObject(MadeAtBoot made)
    {
        await KernelStep.Parked;
        Note($"{made.Number}");
    }

    private async KernelTask KeepText(string text)
    {
        await KernelStep.Parked;
        Note(text);
    }

    private async KernelTask KeepTextDuringACall(string text)
    {
        await ThrowAfterStop();
        Note(text);
    }

    private async KernelTask CatchRefusal(int stops)
    {
        for (int i = 0; i < stops; i++)
            await KernelStep.Parked;

        try
        {
            await KeepTextDuringACall("text");
        }
        catch (InvalidOperationException)
        {
            Note("refused");
        }
    }

    private async KernelTask KeepTemporary() => _trace.Add($"{await KernelStep<int>.Parked}");

    private async KernelTask Catch()
    {
        try
        {
            await ThrowAfterStop();
        }
        catch (KernelBugException exception)
        {
            await KernelStep.Done;
            Note(exception.Code);
        }
    }

    private async KernelTask KeepException()
    {
        try
        {
            await ThrowAfterStop();
        }
        catch (KernelBugException exception)
        {
            await KernelStep.Parked;
            Note(exception.Code);
        }
    }

    private async KernelTask SuspendInFinally(bool throws)
    {
        try
        {
            if (throws)
                await ThrowAfterStop();
            else
                await KernelStep.Parked;
        }
        finally
        {
            await KernelStep.Parked;
            Note("finally");
        }
    }

    private void Note(string what) => _trace.Add(what);

    [KernelObject]
    private sealed class MadeAtBoot(int number)
    {
        internal int Number { get; } = number;
    }
}
