using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// Tasks that change a word and a page table entry under a lock, twice each time, and look at both without it, right
/// behind another primitive.
/// </summary>
[KernelObject]
internal sealed class Lookers<TKernel>
    where TKernel : struct, IKernel
{
    internal const int Tasks = 3;

    private const int Turns = 30;

    private readonly TKernel _kernel;
    private readonly SpinLock<TKernel> _lock;
    private readonly WaitQueue<TKernel> _queue;
    private readonly Shared<TKernel> _word;
    private readonly Shared<TKernel> _free;
    private readonly VirtualPage _page;
    private readonly SharedArray<TKernel> _remembered;

    internal Lookers(IKernelBoot<TKernel> boot)
    {
        _kernel = boot.Kernel;
        _lock = SpinLock<TKernel>.Create(boot, "lock");
        _queue = WaitQueue<TKernel>.Create(boot, "queue");
        _word = Shared<TKernel>.Create(boot, "word", _lock.Number);
        _free = Shared<TKernel>.Create(boot, "free", Protection.Marked);
        _remembered = SharedArray<TKernel>.Create(
            boot, "remembered", Tasks, Protection.None, role: RegionRole.Bookkeeping);
        _page = boot.CreateRegion("window", new VirtualAddress(0x9600_0000), 1, _lock.Number, exclusive: true);
        boot.CreateFrames(2 * Turns * Tasks, 0);
        for (int task = 0; task < Tasks; task++)
        {
            int number = task;
            boot.Spawn("looker", () => Run(number));
        }
    }

    private async KernelTask Run(int task)
    {
        for (int turn = 0; turn < Turns; turn++)
        {
            int frame = 2 * ((turn * Tasks) + task);
            await _lock.Acquire();
            Change(frame);
            Change(frame + 1);
            await _lock.Release();
            Remember(task); // What the next holder does is in no step that can come before this.

            // Here it can, and so nothing depends on what is seen.
            await _free.FetchAdd(1);
            Look();
            await _free.ReadOnce();
            _ = _queue.IsActive;
            if (await _lock.TryAcquire())
                await _lock.Release();
        }
    }

    private void Change(int frame)
    {
        _word.Value = frame;
        _kernel.SetPte(_page, new PageFrame(frame));
        _ = _queue.IsActive;
    }

    private int Look() => (_word.Peek * 7) + _kernel.GetPte(_page).Number;

    // A task's own word, which nobody else looks at.
    private void Remember(int task) => _remembered[task] = (_remembered[task] * 31) + Look() + 1;
}
