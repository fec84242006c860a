using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests;

/// <summary>
/// Uses every primitive, also those that the port never uses, and ends with a finding that tells what each yielded.
/// </summary>
internal sealed class AllPrimitives<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private const int ResultsMax = 128;

    private TKernel _kernel;
    private SpinLock<TKernel> _outer;
    private SpinLock<TKernel> _inner;
    private WaitQueue<TKernel> _queue;
    private SharedArray<TKernel> _counter;
    private Shared<TKernel> _woken;
    private SharedArray<TKernel> _results;
    private Shared<TKernel> _used;
    private VirtualPage _pages;

    public override int Tasks(ScenarioSize size) => 5;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _kernel = boot.Kernel;
        boot.CreateFrames(3, low: 1);
        _pages = boot.CreateRegion("window", new VirtualAddress(0x9000_0000), pages: 2, guard: -1, exclusive: false);
        _outer = SpinLock<TKernel>.Create(boot, "outer");
        _inner = SpinLock<TKernel>.Create(boot, "inner", LockRank.Inner);
        _queue = WaitQueue<TKernel>.Create(boot, "queue");
        _counter = SharedArray<TKernel>.Create(boot, "counter", length: 1, guard: -1);
        _woken = Shared<TKernel>.Create(boot, "woken", guard: -1);
        _results = SharedArray<TKernel>.Create(boot, "results", ResultsMax, guard: -1, role: RegionRole.Bookkeeping);
        _used = Shared<TKernel>.Create(boot, "used", guard: -1, role: RegionRole.Bookkeeping);
        boot.Spawn("exclusive sleeper", () => Sleeper(exclusive: true));
        boot.Spawn("sleeper", () => Sleeper(exclusive: false));
        boot.Spawn("exclusive sleeper", () => Sleeper(exclusive: true));
        boot.Spawn("waker", Waker);
        boot.Spawn("others", Others);
        boot.AtEnd(() =>
            new Finding(FailureClass.Assertion, string.Join(' ', Enumerable.Range(0, ResultsMax).Select(_results.Peek)))
        );
    }

    private async KernelTask Sleeper(bool exclusive)
    {
        Note(await _counter.FetchAdd(0, 1));
        await _kernel.SetState(TaskState.Interruptible);
        if (exclusive)
            await _queue.AddExclusive();
        else
            await _queue.Add();

        await _kernel.Schedule();
        await _kernel.SetState(TaskState.Running);
        await _queue.Remove();
        Note(await _woken.FetchAdd(1));
    }

    private async KernelTask Waker()
    {
        await _queue.AwaitWaiters(3);
        await _queue.WakeUp();
        Note(await _queue.IsActiveOnce() ? 1 : 0);
        int flags = await _outer.AcquireIrqSave();
        Note(_kernel.IrqsDisabled ? 1 : 0);
        await _inner.AcquireIrq();
        await _inner.ReleaseIrq();
        await _outer.ReleaseIrqRestore(flags);
        Note(_kernel.IrqsDisabled ? 1 : 0);
        await _queue.WakeUpAll();
        await _woken.Await(3);
        await _counter.AwaitThat(0, Scheduler.Kernel.Comparison.GreaterOrEqual, 0);
        Note(await _counter.AwaitAdd(0, Scheduler.Kernel.Comparison.Less, 100, 1));
        await _kernel.InterruptWindow();
        await _kernel.PreemptCheckResched();
    }

    private async KernelTask Others()
    {
        bool got = await _outer.TryAcquire();
        Note(got ? 1 : 0);
        if (got)
            await _outer.Release();

        await _inner.AcquireBh();
        Note(_kernel.PreemptCount);
        await _inner.ReleaseBh();
        _kernel.AddPreemptCount(1);
        _kernel.AddPreemptCountIfPreemptible(-1);
        Note(_kernel.PreemptCount);
        Note(_kernel.SetIrqsDisabled(true) ? 1 : 0);
        Note(_kernel.SetIrqsDisabled(false) ? 1 : 0);
        Note(await _counter.CompareExchange(0, 2, 7) ? 1 : 0);
        Note(await _counter.CompareExchangeOld(0, 7, 8));
        Note(await _counter.CompareExchangeOld(0, 7, 9));
        Note(await _counter.Exchange(0, 10));
        Note(await _counter.ReadOnce(0));
        await _counter.WriteOnce(0, 5);
        Note(await _kernel.Choose(3));
        for (var rounds = new RoundsLeft(ScenarioSize.AnyRounds); await rounds.Next(_kernel);)
            Note(4);

        await UsePages();
    }

    private async KernelTask UsePages()
    {
        var second = new VirtualPage(_pages.Index + 1);
        _kernel.SetPte(second, new PageFrame(2));
        await _kernel.Store(new VirtualAddress(0x9000_1000), new PageFrame(2), 11);
        Note(await _kernel.Load(new VirtualAddress(0x9000_1000), new PageFrame(2)));
        await _kernel.Store(new VirtualAddress(0xC000_0000), new PageFrame(0), 12);
        Note(await _kernel.Load(new VirtualAddress(0xC000_0000), new PageFrame(0)));
        _kernel.ReleaseSlot(second);
        _kernel.SetPte(second, new PageFrame(1));
        _kernel.FlushTlbOne(second);
        Note(await _kernel.Load(new VirtualAddress(0x9000_1000), new PageFrame(1)));
        _kernel.ReleaseSlot(second);
        _kernel.SetPte(second, PageFrame.None);
        _kernel.FlushTlbLocal();
        await _kernel.FlushTlbAll();
        Note(_kernel.GetPte(second).Number);
    }

    private void Note(int result)
    {
        _results[_used.Value++] =
            (_kernel.CurrentTask.Number * 1_000_000) + (_kernel.CurrentCpu.Number * 100_000) + result;
    }
}
