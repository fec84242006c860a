using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>One operation of the kernel's primitives: a place where another CPU may run.</summary>
/// <remarks>
/// <see cref="Done"/> when the kernel has performed the operation at once (real threads, or a step that nobody can
/// observe); <see cref="Parked"/> when it has only been announced, and somebody else decides when it happens.
/// </remarks>
public readonly struct KernelStep : IKernelAwaiter
{
    private readonly bool _done;

    private KernelStep(bool done) => _done = done;

    /// <summary>The operation has been performed.</summary>
    public static KernelStep Done => new(true);

    /// <summary>The operation has been announced; the task stops in front of it.</summary>
    public static KernelStep Parked => new(false);

    /// <summary>The task need not stop here.</summary>
    public bool IsCompleted => _done;

    /// <summary>For the compiler.</summary>
    public KernelStep GetAwaiter() => this;

    /// <summary>For the compiler: the operation has been performed by now.</summary>
    public void GetResult()
    {
    }

    void IKernelAwaiter.Suspend(KernelStack stack, Frame frame) => stack.Park(frame);

    void INotifyCompletion.OnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();

    void ICriticalNotifyCompletion.UnsafeOnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();
}

/// <summary>An operation of the kernel's primitives that yields a value of at most 8 bytes.</summary>
public readonly struct KernelStep<T> : IKernelAwaiter
{
    private readonly T _result;
    private readonly bool _done;

    private KernelStep(T result, bool done)
    {
        _result = result;
        _done = done;
    }

    /// <summary>The operation has been announced; the task stops in front of it.</summary>
    public static KernelStep<T> Parked
    {
        get
        {
            ReturnRegister.Check<T>();
            return default;
        }
    }

    /// <summary>The task need not stop here.</summary>
    public bool IsCompleted => _done;

    /// <summary>The operation has been performed and yielded <paramref name="result"/>.</summary>
    public static KernelStep<T> Done(T result) => new(result, true);

    /// <summary>For the compiler.</summary>
    public KernelStep<T> GetAwaiter() => this;

    /// <summary>What the operation yielded.</summary>
    public T GetResult() => _done ? _result : ReturnRegister.Unpack<T>(KernelStack.Current.ReturnRegister);

    void IKernelAwaiter.Suspend(KernelStack stack, Frame frame) => stack.Park(frame);

    void INotifyCompletion.OnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();

    void ICriticalNotifyCompletion.UnsafeOnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();
}
