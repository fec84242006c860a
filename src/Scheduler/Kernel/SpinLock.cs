using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>spinlock_t: whoever holds it keeps its CPU, whoever wants it spins.</summary>
public readonly struct SpinLock<TKernel>(TKernel kernel, int number)
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel = kernel;

    /// <summary>The lock's number on its machine, for guarding memory.</summary>
    public int Number { get; } = number;

    /// <summary>spin_is_locked.</summary>
    public bool IsLocked => _kernel.IsLocked(Number);

    /// <summary>Lays out a lock while the machine boots.</summary>
    public static SpinLock<TKernel> Create(IKernelBoot<TKernel> boot, string name, LockRank rank = LockRank.Outer)
    {
        ArgumentNullException.ThrowIfNull(boot);
        return new SpinLock<TKernel>(boot.Kernel, boot.CreateSpinLock(name, rank));
    }

    /// <summary>spin_lock.</summary>
    public KernelStep<int> Acquire() => _kernel.Acquire(Number, LockContext.Plain);

    /// <summary>spin_unlock.</summary>
    public KernelStep Release() => _kernel.Release(Number, LockContext.Plain, 0);

    /// <summary>spin_trylock: yields whether the lock was free.</summary>
    public KernelStep<bool> TryAcquire() => _kernel.TryAcquire(Number);

    /// <summary>spin_lock_irqsave: yields the flags that <see cref="ReleaseIrqRestore"/> wants.</summary>
    public KernelStep<int> AcquireIrqSave() => _kernel.Acquire(Number, LockContext.IrqSave);

    /// <summary>spin_unlock_irqrestore.</summary>
    public KernelStep ReleaseIrqRestore(int flags) => _kernel.Release(Number, LockContext.IrqSave, flags);

    /// <summary>spin_lock_irq.</summary>
    public KernelStep<int> AcquireIrq() => _kernel.Acquire(Number, LockContext.Irq);

    /// <summary>spin_unlock_irq.</summary>
    public KernelStep ReleaseIrq() => _kernel.Release(Number, LockContext.Irq, 0);

    /// <summary>spin_lock_bh.</summary>
    public KernelStep<int> AcquireBh() => _kernel.Acquire(Number, LockContext.BottomHalf);

    /// <summary>spin_unlock_bh.</summary>
    public KernelStep ReleaseBh() => _kernel.Release(Number, LockContext.BottomHalf, 0);
}
