using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// Tasks that do everything that can be recorded, in an order of their own, and remember what it has yielded.
/// </summary>
[KernelObject]
internal sealed class AllKinds<TKernel>
    where TKernel : struct, IKernel
{
    internal const int Tasks = 4;

    private const int Turns = 60;
    private const int Sleeps = 5;

    private readonly TKernel _kernel;
    private readonly SpinLock<TKernel> _lock;
    private readonly WaitQueue<TKernel> _queue;
    private readonly Shared<TKernel> _guarded;
    private readonly Shared<TKernel> _awake; // Sleepers that sleep no more.
    private readonly SharedArray<TKernel> _free;
    private readonly SharedArray<TKernel> _remembered;

    internal AllKinds(IKernelBoot<TKernel> boot)
    {
        _kernel = boot.Kernel;
        _lock = SpinLock<TKernel>.Create(boot, "lock");
        _queue = WaitQueue<TKernel>.Create(boot, "queue");
        _guarded = Shared<TKernel>.Create(boot, "guarded", _lock.Number);
        _awake = Shared<TKernel>.Create(boot, "awake", Protection.Marked);
        _free = SharedArray<TKernel>.Create(boot, "free", 2, Protection.Marked);
        _remembered = SharedArray<TKernel>.Create(
            boot, "remembered", Tasks, Protection.None, role: RegionRole.Bookkeeping);
        for (int task = 0; task < Tasks; task++)
        {
            int number = task;
            boot.Spawn("test", () => Run(number));
        }
    }

    private async KernelTask Run(int task)
    {
        int chosen = task + 1;
        for (int turn = 0; turn < Turns; turn++)
        {
            chosen = (chosen * 1103515245) + 12345;
            await Do(task, (chosen >> 16) & 7);
        }

        // Who still holds the lock may look at the queue in the step that took it. On threads the queue can change in
        // between, by somebody who has met the lock taken; no step of the simulated machine can see that.
        await _lock.Acquire();
        await _lock.Release();
        if (task == 0)
            await WakeOthers();
        else
            await Sleep();
    }

    private async KernelTask Do(int task, int what)
    {
        int number;
        switch (what)
        {
            case 0:
                await _lock.Acquire();
                Remember(task, _queue.IsActive ? 1 : 0);
                _guarded.Value = (_guarded.Value * 3) + task + 1;
                await _lock.Release();
                break;
            case 1:
                if (await _lock.TryAcquire())
                {
                    _guarded.Value = (_guarded.Value * 5) + task + 1;
                    await _lock.Release();
                }
                else
                {
                    Remember(task, 7);
                }

                break;
            case 2:
                number = await _free.FetchAdd(0, task + 1);
                Remember(task, number);
                break;
            case 3:
                number = await _free.ReadOnce(1);
                await _free.WriteOnce(1, (number * 3) + task + 1);
                break;
            case 4:
                number = await _free.ReadOnce(0);
                bool succeeds = await _free.CompareExchange(0, number, task);
                Remember(task, succeeds ? 1 : 0);
                break;
            case 5:
                number = await _free.CompareExchangeOld(1, task, 100);
                Remember(task, number);
                break;
            case 6:
                number = await _free.Exchange(1, task);
                Remember(task, number);
                break;
            default:
                number = await _kernel.Choose(3);
                Remember(task, number);
                bool isActive = await _queue.IsActiveOnce();
                Remember(task, isActive ? 1 : 0);
                break;
        }
    }

    private async KernelTask Sleep()
    {
        for (int i = 0; i < Sleeps; i++)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _queue.Add();
            await _kernel.Schedule();
            await _queue.Remove();
        }

        await _awake.FetchAdd(1);
    }

    private async KernelTask WakeOthers()
    {
        int awake = 0;
        while (awake < Tasks - 1)
        {
            _kernel.LoopTurn();
            await _queue.WakeUp();
            awake = await _awake.ReadOnce();
        }

        await _awake.Await(Tasks - 1);
    }

    // A task's own word, which nobody else looks at.
    private void Remember(int task, int value) => _remembered[task] = (_remembered[task] * 31) + value + 1;
}
