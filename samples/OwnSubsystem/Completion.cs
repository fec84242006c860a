using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace OwnSubsystem;

/// <summary>
/// struct completion of Linux 2.6 (kernel/sched.c): a count of what is done, and the queue of those who wait for it.
/// </summary>
[KernelObject]
public sealed class Completion<TKernel>
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel;
    private readonly WaitQueue<TKernel> _wait;
    private readonly SpinLock<TKernel> _lock;
    private readonly Shared<TKernel> _done; // Calls of complete(), less those who have waited.

    /// <summary>Lays a completion out while the machine boots.</summary>
    public Completion(IKernelBoot<TKernel> boot, string name)
    {
        ArgumentNullException.ThrowIfNull(boot);
        _kernel = boot.Kernel;
        _wait = WaitQueue<TKernel>.Create(boot, name);
        _lock = SpinLock<TKernel>.Create(boot, $"{name}.lock");
        _done = Shared<TKernel>.Create(boot, $"{name}.done", _lock.Number); // Whoever touches it must hold the lock.
    }

    /// <summary>complete(): one more is done, and one waiter may go on.</summary>
    public async KernelTask Complete()
    {
        await _lock.Acquire();
        _done.Value++;
        await _wait.WakeUp();
        await _lock.Release();
    }

    /// <summary>wait_for_completion().</summary>
    public async KernelTask Wait()
    {
        await _lock.Acquire();
        if (_done.Value == 0)
        {
            await _wait.AddExclusive();
            while (_done.Value == 0)
            {
                await _kernel.SetState(TaskState.Uninterruptible);
                await _lock.Release();
                await _kernel.Schedule();
                await _lock.Acquire();
            }

            await _wait.Remove();
        }

        _done.Value--;
        await _lock.Release();
    }

    /// <summary>A wait that looks before it queues, without the lock: what is done in between is missed.</summary>
    public async KernelTask WaitCarelessly()
    {
        await _lock.Acquire();
        bool isDone = _done.Value > 0;
        await _lock.Release();
        if (!isDone)
        {
            await _wait.AddExclusive();
            await _kernel.SetState(TaskState.Uninterruptible);
            await _kernel.Schedule();
            await _wait.Remove();
        }

        await _lock.Acquire();
        _done.Value--;
        await _lock.Release();
    }
}
