using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>wait_queue_head_t: tasks that want to be woken.</summary>
/// <remarks>
/// Ordinary entries are added at the head, exclusive ones at the tail (2.6.12, kernel/wait.c). The queue's own lock
/// makes each operation one step.
/// </remarks>
public readonly struct WaitQueue<TKernel>(TKernel kernel, int number)
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel = kernel;

    /// <summary>The queue's number on its machine.</summary>
    public int Number { get; } = number;

    /// <summary>waitqueue_active, where a lock keeps new waiters away.</summary>
    public bool IsActive => _kernel.IsActive(Number);

    /// <summary>Lays out a queue while the machine boots.</summary>
    public static WaitQueue<TKernel> Create(IKernelBoot<TKernel> boot, string name)
    {
        ArgumentNullException.ThrowIfNull(boot);
        return new WaitQueue<TKernel>(boot.Kernel, boot.CreateWaitQueue(name));
    }

    /// <summary>waitqueue_active without a lock: a step of its own.</summary>
    public KernelStep<bool> IsActiveOnce() => _kernel.IsActiveOnce(Number);

    /// <summary>add_wait_queue of the running task.</summary>
    public KernelStep Add() => _kernel.Enqueue(Number, exclusive: false);

    /// <summary>add_wait_queue_exclusive of the running task.</summary>
    public KernelStep AddExclusive() => _kernel.Enqueue(Number, exclusive: true);

    /// <summary>remove_wait_queue of the running task.</summary>
    public KernelStep Remove() => _kernel.Dequeue(Number);

    /// <summary>Waits until <paramref name="count"/> tasks are on the queue, asleep or about to be.</summary>
    public KernelStep AwaitWaiters(int count) => _kernel.AwaitWaiters(Number, count);

    /// <summary>wake_up: all ordinary waiters, and one exclusive one.</summary>
    public KernelStep WakeUp() => _kernel.WakeUp(Number, exclusive: 1);

    /// <summary>wake_up_all.</summary>
    public KernelStep WakeUpAll() => _kernel.WakeUp(Number, exclusive: 0);
}
