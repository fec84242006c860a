using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>The primitives do on threads what they are for.</summary>
public sealed class ThreadPrimitiveTests
{
    private const int Rounds = 2_000;
    private const int Turns = 50;

    [Fact]
    public void A_spin_lock_keeps_others_out_with_checks() => CountUnderLock<CheckedMode>();

    [Fact]
    public void A_spin_lock_keeps_others_out_without_checks() => CountUnderLock<BareMode>();

    [Fact]
    public void Without_the_lock_the_same_count_may_come_out_wrong_and_is_found_at_once()
    {
        ThreadRun run = ThreadPrograms.Checked(boot =>
        {
            SpinLock<ThreadKernel<CheckedMode>> spinLock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            var count = Shared<ThreadKernel<CheckedMode>>.Create(boot, "count", spinLock.Number);
            boot.Spawn("counter", async () => count.Value++);
        }).Finish();

        ThreadPrograms.AssertFound(
            run, FailureClass.DataRace, "task 0 accesses count without lock, which nobody holds", "in counter");
    }

    [Fact]
    public void A_trace_that_is_made_elsewhere_in_the_process_is_none_of_their_business()
    {
        // A false alarm once: the calls of these threads were told to the pool of a machine that they do not have.
        var watched = new FramePool { CallObserver = new NobodyListens() };

        ThreadRun run = ThreadPrograms.RunOne(async kernel => await Called(kernel));
        watched.CallObserver = null;

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
    }

    [Fact]
    public void Atomic_operations_lose_nothing()
    {
        const int Tasks = 4;
        Shared<ThreadKernel<BareMode>> count = default;
        ThreadMachine machine = ThreadMachine.Boot<BareMode>(new ThreadOptions(), boot =>
        {
            count = Shared<ThreadKernel<BareMode>>.Create(boot, "count", Protection.Marked);
            for (int task = 0; task < Tasks; task++)
            {
                boot.Spawn("adder", async () =>
                {
                    for (int i = 0; i < Rounds; i++)
                        await count.FetchAdd(1);
                });
            }
        });

        Assert.True(machine.Finish().IsComplete);
        Assert.Equal(Tasks * Rounds, count.Peek);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_tasks_that_wake_each_other_in_turn_lose_no_wakeup(bool useFutex)
    {
        ThreadMachine machine = PingPong(new ThreadOptions { UseFutex = useFutex });

        ThreadRun run = machine.Finish();

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
        Assert.Equal([Turns, Turns], run.Totals.Operations);
        Assert.Equal(0, run.Totals.Sleeping);
    }

    [Fact]
    public void A_machine_runs_again_from_where_it_has_booted()
    {
        ThreadMachine machine = PingPong(new ThreadOptions { Jitter = true });

        for (int i = 0; i < 3; i++)
            Assert.Equal([Turns, Turns], machine.Finish().Totals.Operations);
    }

    [Fact]
    public void Awaits_allocate_nothing()
    {
        ThreadKernel<CheckedMode> kernel = default;
        SpinLock<ThreadKernel<CheckedMode>> spinLock = default;
        ThreadMachine machine = ThreadPrograms.Checked(boot =>
        {
            kernel = boot.Kernel;
            spinLock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            boot.Spawn("idle", async () => await spinLock.IsActive());
        });
        using EnteredTask entered = machine.Enter(new TaskId(0));
        ThreadPrograms.Complete(spinLock.TakeAndGive());

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            ThreadPrograms.Complete(spinLock.TakeAndGive());

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, kernel.CurrentTask.Number);
    }

    [Fact]
    public void Irq_and_bottom_half_variants_change_the_flags_of_the_tasks_own_cpu()
    {
        int[] seen = new int[6];
        ThreadRun run = ThreadPrograms.Checked(boot =>
        {
            ThreadKernel<CheckedMode> kernel = boot.Kernel;
            SpinLock<ThreadKernel<CheckedMode>> spinLock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            boot.Spawn("locker", async () =>
            {
                int flags = await spinLock.AcquireIrqSave();
                seen[0] = kernel.IrqsDisabled ? 1 : 0;
                seen[1] = kernel.PreemptCount;
                await spinLock.ReleaseIrqRestore(flags);
                seen[2] = kernel.IrqsDisabled ? 1 : 0;
                await spinLock.AcquireBh();
                seen[3] = kernel.PreemptCount;
                await spinLock.ReleaseBh();
                seen[4] = kernel.PreemptCount;
                seen[5] = await spinLock.TryAcquire() && !await spinLock.TryAcquire() ? 1 : 0;
                await spinLock.Release();
            });
        }).Finish();

        Assert.Null(run.Finding);
        Assert.Equal([1, 1, 0, PreemptCount.SoftirqOffset + 1, 0, 1], seen);
    }

    [Fact]
    public void Tasks_that_may_end_after_each_round_end_when_they_are_told()
    {
        ThreadMachine machine = ThreadPrograms.Checked(boot =>
        {
            ThreadKernel<CheckedMode> kernel = boot.Kernel;
            for (int task = 0; task < 2; task++)
            {
                boot.Spawn("worker", async () =>
                {
                    while (await kernel.ChooseRound())
                        kernel.OperationDone();
                });
            }
        });
        using var end = new System.Threading.CancellationTokenSource();

        ThreadRun run = machine.Run(
            totals =>
            {
                if (totals.Operations.All(operations => operations > 0))
                    end.Cancel();
            },
            end: end.Token,
            stop: TestContext.Current.CancellationToken);

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
    }

    [Fact]
    public void Tasks_that_never_end_are_left_when_time_is_up_and_that_is_no_complete_run()
    {
        ThreadMachine machine = ThreadPrograms.Checked(boot =>
        {
            ThreadKernel<CheckedMode> kernel = boot.Kernel;
            var never = Shared<ThreadKernel<CheckedMode>>.Create(boot, "never", Protection.Marked);
            boot.Spawn("worker", async () =>
            {
                while (true)
                    kernel.OperationDone();
            });
            boot.Spawn("waiter", async () => await never.Await(1));
        });
        using var stop = System.Threading.CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);

        ThreadRun run = machine.Run(
            _ => stop.Cancel(), end: TestContext.Current.CancellationToken, stop: stop.Token);

        Assert.Null(run.Finding);
        Assert.False(run.IsComplete);
        Assert.Equal(0, run.ThreadsLeft);
    }

    private static void CountUnderLock<TMode>()
        where TMode : struct, IThreadMode
    {
        const int Tasks = 4;
        Shared<ThreadKernel<TMode>> count = default;
        ThreadMachine machine = ThreadMachine.Boot<TMode>(new ThreadOptions(), boot =>
        {
            SpinLock<ThreadKernel<TMode>> spinLock = SpinLock<ThreadKernel<TMode>>.Create(boot, "lock");
            count = Shared<ThreadKernel<TMode>>.Create(boot, "count", spinLock.Number);
            for (int task = 0; task < Tasks; task++)
            {
                boot.Spawn("counter", async () =>
                {
                    for (int i = 0; i < Rounds; i++)
                    {
                        await spinLock.Acquire();
                        count.Value++;
                        await spinLock.Release();
                    }
                });
            }
        });

        ThreadRun run = machine.Finish();

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
        Assert.Equal(Tasks * Rounds, count.Peek);
    }

    /// <summary>
    /// Two tasks pass a turn to and fro, sleeping until it is theirs: a wake-up that is lost ends the run.
    /// </summary>
    private static ThreadMachine PingPong(ThreadOptions options) => ThreadMachine.Boot<CheckedMode>(options, boot =>
    {
        ThreadKernel<CheckedMode> kernel = boot.Kernel;
        WaitQueue<ThreadKernel<CheckedMode>> queue = WaitQueue<ThreadKernel<CheckedMode>>.Create(boot, "queue");
        var turn = Shared<ThreadKernel<CheckedMode>>.Create(boot, "turn", Protection.Marked);
        for (int task = 0; task < 2; task++)
        {
            int me = task;
            boot.Spawn("player", () => Player(kernel, queue, turn, me));
        }
    });

    private static async KernelTask Player(
        ThreadKernel<CheckedMode> kernel,
        WaitQueue<ThreadKernel<CheckedMode>> queue,
        Shared<ThreadKernel<CheckedMode>> turn,
        int me)
    {
        for (int i = 0; i < Turns; i++)
        {
            await queue.Add();
            while (true)
            {
                await kernel.SetState(TaskState.Uninterruptible);
                if (await turn.ReadOnce() == me)
                    break;

                await kernel.Schedule();
            }

            await kernel.SetState(TaskState.Running);
            await queue.Remove();
            kernel.OperationDone();
            await turn.WriteOnce(1 - me);
            await queue.WakeUp();
        }
    }

    private static async KernelTask Called(ThreadKernel<CheckedMode> kernel) => await kernel.FlushTlbAll();

    private sealed class NobodyListens : ICallObserver
    {
        public void OnCalled(Type stateMachine) => Assert.Fail("no machine of this observer's runs");

        public void OnReturned(object? result) => Assert.Fail("no machine of this observer's runs");

        public void OnThrown(Exception exception) => Assert.Fail("no machine of this observer's runs");
    }
}

/// <summary>Kernel functions that need nothing but a lock.</summary>
internal static class LockExtensions
{
    internal static async KernelTask TakeAndGive<TKernel>(this SpinLock<TKernel> spinLock)
        where TKernel : struct, IKernel
    {
        await spinLock.Acquire();
        await spinLock.Release();
    }

    internal static async KernelTask IsActive<TKernel>(this SpinLock<TKernel> spinLock)
        where TKernel : struct, IKernel
    {
        if (spinLock.IsLocked)
            await spinLock.Release();
    }
}
