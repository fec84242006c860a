using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Boot = Kmaplab.Scheduler.Kernel.IKernelBoot<Kmaplab.Scheduler.Threads.ThreadKernel<
    Kmaplab.Scheduler.Threads.Tasks.CheckedMode>>;
using Lock = Kmaplab.Scheduler.Kernel.SpinLock<Kmaplab.Scheduler.Threads.ThreadKernel<
    Kmaplab.Scheduler.Threads.Tasks.CheckedMode>>;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Each check of the checked mode sees what it is for; a mode that checks nothing sees nothing.</summary>
public sealed class ThreadCheckTests
{
    private static readonly VirtualAddress s_window = new(0xff80_0000);

    private Lock _lock;
    private VirtualPage _slots;
    private VirtualPage _shared;

    [Fact]
    public void Taking_ones_own_lock_again() => AssertFound(
        FailureClass.LockMisuse,
        async _ =>
        {
            await _lock.Acquire();
            await _lock.Acquire();
        },
        "task 0 takes lock, which it holds already: it spins for ever", "in body");

    [Fact]
    public void Releasing_a_lock_that_nobody_holds() => AssertFound(
        FailureClass.LockMisuse, async _ => await _lock.Release(), "task 0 releases lock, which nobody holds");

    [Fact]
    public void Ending_with_a_lock() => AssertFound(
        FailureClass.Leak, async _ => await _lock.Acquire(), "task 0 ends and still holds lock");

    [Fact]
    public void Ending_with_preemption_off() => AssertFound(
        FailureClass.Leak, async kernel => kernel.AddPreemptCount(1), "ends with preempt_count 00000001");

    [Fact]
    public void Ending_with_interrupts_off() => AssertFound(
        FailureClass.Leak, async kernel => kernel.SetIrqsDisabled(true), "ends with interrupts off");

    [Fact]
    public void Sleeping_under_a_lock() => AssertFound(
        FailureClass.SleepInAtomic,
        async kernel =>
        {
            await _lock.Acquire();
            await kernel.Schedule();
        },
        "task 0 comes to schedule()", "it holds a spin lock");

    [Fact]
    public void What_may_sleep_with_interrupts_off() => AssertFound(
        FailureClass.SleepInAtomic,
        async kernel =>
        {
            kernel.SetIrqsDisabled(true);
            kernel.MightSleep();
        },
        "task 0 comes to might_sleep()", "interrupts are off");

    [Fact]
    public void A_kernel_BUG() => AssertFound(
        FailureClass.BugOn, async kernel => kernel.Bug("f:check"), "kernel BUG at f:check in task 0", "in body");

    [Fact]
    public void A_check_of_the_scenarios_own() => AssertFound(
        FailureClass.Assertion, async kernel => kernel.Fail(FailureClass.Assertion, "wrong"), "wrong, in task 0");

    [Fact]
    public void An_exception_of_kernel_code() => AssertFound(
        FailureClass.BugOn, async _ => throw new ArithmeticException("by zero"), "Oops in task 0: by zero");

    [Fact]
    public void A_loop_without_end() => AssertFound(
        FailureClass.Livelock,
        async kernel =>
        {
            while (true)
                kernel.LoopTurn();
        },
        "turned 1000000 times");

    [Fact]
    public void A_plain_access_where_all_must_be_marked() => AssertFound(
        FailureClass.DataRace,
        async kernel => kernel.GuardedWord(kernel.CurrentTask.Number, Protection.Marked) = 1,
        "of which all accesses must be marked");

    [Fact]
    public void A_page_table_entry_without_its_lock() => AssertFound(
        FailureClass.DataRace, async kernel => kernel.SetPte(_slots, new PageFrame(1)), "without lock");

    [Fact]
    public void One_frame_at_two_addresses() => AssertFound(
        FailureClass.DoubleMapping,
        async kernel =>
        {
            await _lock.Acquire();
            kernel.SetPte(_slots, new PageFrame(3));
            kernel.SetPte(new VirtualPage(_slots.Index + 1), new PageFrame(3));
        },
        "page 3 is mapped at 0xff801000 while it is still mapped at 0xff800000",
        "by task 0 in");

    [Fact]
    public void A_use_of_what_is_not_mapped() => AssertFound(
        FailureClass.UseAfterUnmap,
        async kernel => await kernel.Load(s_window, new PageFrame(1)),
        "task 0 uses 0xff800000 for page 1, which is not mapped there: page fault");

    [Fact]
    public void A_use_that_reaches_another_page() => AssertFound(
        FailureClass.UseAfterUnmap,
        async kernel =>
        {
            await _lock.Acquire();
            kernel.SetPte(_slots, new PageFrame(2));
            await _lock.Release();
            await kernel.Store(s_window, new PageFrame(1), 5);
        },
        "task 0 uses 0xff800000 for page 1, and reaches page 2");

    [Fact]
    public void An_address_that_leads_nowhere() => AssertFound(
        FailureClass.UseAfterUnmap,
        async kernel => await kernel.Load(new VirtualAddress(0x1000), new PageFrame(1)),
        "page fault");

    [Fact]
    public void A_use_of_a_page_that_is_free() => AssertFound(
        FailureClass.UseAfterFree,
        async kernel =>
        {
            await _lock.Acquire();
            kernel.SetPte(_slots, new PageFrame(0));
            await _lock.Release();
            await kernel.Load(s_window, new PageFrame(0));
        },
        "task 0 uses page 0 at 0xff800000, which is free");

    [Fact]
    public void Two_users_of_a_slot_of_a_cpu() => AssertFound(
        FailureClass.SlotClobber,
        async kernel =>
        {
            kernel.SetPte(_shared, new PageFrame(1));
            kernel.SetPte(_shared, new PageFrame(2));
        },
        "maps page 2 into the slot at 0xffc00000, which it still uses itself");

    [Fact]
    public void Giving_back_a_slot_that_nobody_uses() => AssertFound(
        FailureClass.ReferenceCount,
        async kernel => kernel.ReleaseSlot(_shared),
        "task 0 unmaps the slot at 0xffc00000, which nobody has mapped");

    [Fact]
    public void Ending_with_a_slot_of_a_cpu() => AssertFound(
        FailureClass.Leak,
        async kernel => kernel.SetPte(_shared, new PageFrame(1)),
        "has not given back the slot at 0xffc00000");

    [Fact]
    public void An_entry_that_is_linked_twice()
    {
        WaitQueue<ThreadKernel<CheckedMode>> queue = default;
        ThreadPrograms.AssertFound(
            ThreadPrograms.RunOne(
                async _ =>
                {
                    await queue.Add();
                    await queue.Add();
                },
                boot => queue = WaitQueue<ThreadKernel<CheckedMode>>.Create(boot, "queue")),
            FailureClass.BugOn,
            "task 0 adds its wait entry to queue while it is still linked: the list is corrupt");
    }

    [Fact]
    public void What_must_hold_at_the_end() => ThreadPrograms.AssertFound(
        ThreadPrograms.RunOne(_ => default, boot => boot.AtEnd(() => new Finding(FailureClass.Leak, "left over"))),
        FailureClass.Leak,
        "left over");

    [Fact]
    public void What_must_always_hold_is_looked_at_when_all_have_stopped() => ThreadPrograms.AssertFound(
        ThreadPrograms.RunOne(_ => default, boot => boot.Always(() => new Finding(FailureClass.Assertion, "broken"))),
        FailureClass.Assertion,
        "broken");

    [Fact]
    public void A_right_use_of_all_that_is_no_finding()
    {
        ThreadRun run = ThreadPrograms.RunOne(
            async kernel =>
            {
                await _lock.Acquire();
                kernel.SetPte(_slots, new PageFrame(2));
                await _lock.Release();
                await kernel.Store(s_window, new PageFrame(2), 5);
                kernel.SetPte(_shared, new PageFrame(2));
                kernel.ReleaseSlot(_shared);
                kernel.MightSleep();
            },
            LayOut);

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
    }

    [Fact]
    public void A_mistake_of_whoever_wrote_the_scenario_is_no_finding_but_an_exception() =>
        Assert.Throws<KernelMisuseException>(() =>
            ThreadPrograms.RunOne(async _ => throw new KernelMisuseException("not so")));

    [Fact]
    public void An_interrupt_is_refused_in_a_sentence() => Assert.Contains(
        "a thread cannot be stopped at a chosen place",
        Assert.Throws<UsageException>(() => ThreadPrograms.Checked(
            boot => boot.AttachInterrupt("timer", InterruptKind.Hard, 1, () => default))).Message,
        StringComparison.Ordinal);

    private void AssertFound(
        FailureClass failure, Func<ThreadKernel<CheckedMode>, KernelTask> body, params string[] texts) =>
        ThreadPrograms.AssertFound(ThreadPrograms.RunOne(body, LayOut), failure, texts);

    private void LayOut(Boot boot)
    {
        _lock = Lock.Create(boot, "lock");
        boot.CreateFrames(4, 0);
        boot.DeclareFree(frame => frame.Number == 0);
        _slots = boot.CreateRegion("slots", s_window, 2, _lock.Number, exclusive: true);
        _shared = boot.CreateRegion("fixed", new VirtualAddress(0xffc0_0000), 1, Protection.None, exclusive: false);
    }
}
