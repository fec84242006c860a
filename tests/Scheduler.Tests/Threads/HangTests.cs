using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Tasks that can never go on are found by what they wait for, not by a clock; slow ones are not.</summary>
public sealed class HangTests
{
    [Fact]
    public void Crossed_locks_are_a_deadlock_and_everybody_says_where_he_is_with_checks() =>
        ThreadPrograms.AssertFound(
            CrossedLocks<CheckedMode>().Finish(),
            FailureClass.Deadlock,
            "2 of 2 tasks can never run again",
            "task 0 spins for second, which task 1 holds, in take_both",
            "task 1 spins for first, which task 0 holds, in take_both");

    [Fact]
    public void Crossed_locks_are_a_deadlock_without_checks_too() =>
        ThreadPrograms.AssertFound(CrossedLocks<BareMode>().Finish(), FailureClass.Deadlock, "task 0 spins for second");

    [Fact]
    public void A_sleeper_that_gets_on_when_it_is_woken_by_hand_has_lost_its_wakeup() =>
        ThreadPrograms.AssertFound(
            Sleeper(getsOn: true).Finish(),
            FailureClass.LostWakeup,
            "1 of 2 tasks can never run again",
            "task 0 asleep (Uninterruptible) on queue, in sleep",
            "woken by hand, task 0 gets what it waits for");

    [Fact]
    public void A_sleeper_that_goes_back_to_sleep_waits_for_what_is_not_there()
    {
        ThreadRun run = Sleeper(getsOn: false).Finish();

        ThreadPrograms.AssertFound(run, FailureClass.Deadlock, "task 0 asleep (Uninterruptible) on queue");
        Assert.DoesNotContain("by hand", run.Finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cause_of_a_hang_comes_before_the_hang()
    {
        ThreadMachine machine = Sleeper(
            getsOn: true,
            boot => boot.WhenStuck(hasEnded => hasEnded(new TaskId(1)) && !hasEnded(new TaskId(0))
                ? new Finding(FailureClass.Leak, "task 1 has the thing")
                : null));

        ThreadPrograms.AssertFound(machine.Finish(), FailureClass.Leak, "task 1 has the thing", "task 0 asleep");
    }

    [Fact]
    public void Waiting_for_somebody_who_is_slow_is_no_hang()
    {
        using var looks = new System.Threading.CountdownEvent(5);
        ThreadMachine machine = ThreadPrograms.Checked(boot =>
        {
            ThreadKernel<CheckedMode> kernel = boot.Kernel;
            SpinLock<ThreadKernel<CheckedMode>> spinLock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            var isTaken = Shared<ThreadKernel<CheckedMode>>.Create(boot, "is_taken", Protection.Marked);
            WaitQueue<ThreadKernel<CheckedMode>> queue = WaitQueue<ThreadKernel<CheckedMode>>.Create(boot, "queue");
            boot.Spawn("slow", async () =>
            {
                await queue.AwaitWaiters(1);
                await spinLock.Acquire();
                await isTaken.WriteOnce(1);
                looks.Wait(TestContext.Current.CancellationToken); // Busy, and the kernel does not know with what.
                await spinLock.Release();
                await queue.WakeUp();
            });
            boot.Spawn("spinner", async () =>
            {
                await isTaken.Await(1);
                await spinLock.Acquire();
                await spinLock.Release();
            });
            boot.Spawn("sleeper", async () =>
            {
                await kernel.SetState(TaskState.Uninterruptible);
                await queue.Add();
                await kernel.Schedule();
                await queue.Remove();
            });
        });

        ThreadRun run = machine.Finish(_ =>
        {
            if (!looks.IsSet)
                looks.Signal();
        });

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
        Assert.True(looks.IsSet);
    }

    [Fact]
    public void A_word_that_never_gets_its_value_is_a_deadlock_that_says_what_it_is() =>
        ThreadPrograms.AssertFound(
            ThreadPrograms.Checked(boot =>
            {
                var word = Shared<ThreadKernel<CheckedMode>>.Create(boot, "word", Protection.Marked);
                boot.Spawn("waiter", async () => await word.Await(7));
            }).Finish(),
            FailureClass.Deadlock,
            "task 0 waits for word to become 7, it is 0, in waiter");

    private static ThreadMachine CrossedLocks<TMode>()
        where TMode : struct, IThreadMode => ThreadMachine.Boot<TMode>(new ThreadOptions(), boot =>
    {
        SpinLock<ThreadKernel<TMode>> first = SpinLock<ThreadKernel<TMode>>.Create(boot, "first");
        SpinLock<ThreadKernel<TMode>> second = SpinLock<ThreadKernel<TMode>>.Create(boot, "second");
        var taken = Shared<ThreadKernel<TMode>>.Create(boot, "taken", Protection.Marked);
        boot.Spawn("taker", () => TakeBoth(first, second, taken));
        boot.Spawn("taker", () => TakeBoth(second, first, taken));
    });

    private static async KernelTask TakeBoth<TKernel>(
        SpinLock<TKernel> mine, SpinLock<TKernel> others, Shared<TKernel> taken)
        where TKernel : struct, IKernel
    {
        await mine.Acquire();
        await taken.FetchAdd(1);
        await taken.Await(2);
        await others.Acquire();
    }

    private static ThreadMachine Sleeper(
        bool getsOn, Action<IKernelBoot<ThreadKernel<CheckedMode>>>? further = null) => ThreadPrograms.Checked(boot =>
    {
        ThreadKernel<CheckedMode> kernel = boot.Kernel;
        WaitQueue<ThreadKernel<CheckedMode>> queue = WaitQueue<ThreadKernel<CheckedMode>>.Create(boot, "queue");
        boot.Spawn("sleeper", () => Sleep(kernel, queue, getsOn));
        boot.Spawn("other", async () => kernel.OperationDone());
        further?.Invoke(boot);
    });

    private static async KernelTask Sleep(
        ThreadKernel<CheckedMode> kernel, WaitQueue<ThreadKernel<CheckedMode>> queue, bool getsOn)
    {
        do
        {
            await kernel.SetState(TaskState.Uninterruptible);
            await queue.Add();
            await kernel.Schedule();
            await queue.Remove();
        }
        while (!getsOn);

        kernel.OperationDone();
    }
}
