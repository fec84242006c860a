using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>A call of a kernel function that returns nothing. Await it at once, and only once.</summary>
[AsyncMethodBuilder(typeof(KernelTaskBuilder))]
public readonly struct KernelTask
{
    private readonly bool _pending;
    private readonly bool _isStep;

    internal KernelTask(bool pending, bool isStep = false)
    {
        _pending = pending;
        _isStep = isStep;
    }

    /// <summary>A function that does nothing but one operation needs no frame of its own.</summary>
    public static implicit operator KernelTask(KernelStep step) => new(!step.IsCompleted, isStep: true);

    /// <summary>For the compiler.</summary>
    public Awaiter GetAwaiter() => new(_pending, _isStep);

    /// <summary>
    /// Waits for the callee. It has no reference to the callee's frame, so a copied frame needs no repair.
    /// </summary>
    public readonly struct Awaiter : IKernelAwaiter
    {
        private readonly bool _pending;
        private readonly bool _isStep;

        internal Awaiter(bool pending, bool isStep)
        {
            _pending = pending;
            _isStep = isStep;
        }

        /// <summary>The callee has returned without reaching a scheduling point.</summary>
        public bool IsCompleted => !_pending;

        /// <summary>Throws what the callee threw.</summary>
        public void GetResult()
        {
            if (_pending)
                KernelStack.RethrowIfThrown();
        }

        void IKernelAwaiter.Suspend(KernelStack stack, Frame frame)
        {
            if (_isStep)
                stack.Park(frame);
            else
                stack.Link(frame);
        }

        void INotifyCompletion.OnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();

        void ICriticalNotifyCompletion.UnsafeOnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();
    }
}

/// <summary>
/// A call of a kernel function that returns a <typeparamref name="T"/>: a value of at most 8 bytes without references.
/// </summary>
[AsyncMethodBuilder(typeof(KernelTaskBuilder<>))]
public readonly struct KernelTask<T>
{
    private readonly T _result;
    private readonly bool _pending;

    internal KernelTask(T result, bool pending)
    {
        _result = result;
        _pending = pending;
    }

    /// <summary>For the compiler.</summary>
    public Awaiter GetAwaiter() => new(_result, _pending);

    /// <summary>Waits for the callee and takes its result from the stack's return register.</summary>
    public readonly struct Awaiter : IKernelAwaiter
    {
        private readonly T _result;
        private readonly bool _pending;

        internal Awaiter(T result, bool pending)
        {
            _result = result;
            _pending = pending;
        }

        /// <summary>The callee has returned without reaching a scheduling point.</summary>
        public bool IsCompleted => !_pending;

        /// <summary>The callee's result. Throws what the callee threw.</summary>
        public T GetResult()
        {
            if (!_pending)
                return _result;

            KernelStack.RethrowIfThrown();
            return ReturnRegister.Unpack<T>(KernelStack.Current.ReturnRegister);
        }

        void IKernelAwaiter.Suspend(KernelStack stack, Frame frame) => stack.Link(frame);

        void INotifyCompletion.OnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();

        void ICriticalNotifyCompletion.UnsafeOnCompleted(Action continuation) => KernelTaskBuilder.LeaveToCaller();
    }
}

/// <summary>An awaiter that can put a frame to sleep on the running task's stack.</summary>
public interface IKernelAwaiter : ICriticalNotifyCompletion
{
    /// <summary>
    /// Leaves <paramref name="frame"/>, which is about to be suspended here, on <paramref name="stack"/>.
    /// </summary>
    void Suspend(KernelStack stack, Frame frame);
}

/// <summary>Results travel from callee to caller in one 64-bit register.</summary>
internal static class ReturnRegister
{
    /// <summary>Refuses results that do not fit. The JIT knows the answer, so it costs nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check<T>()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>() || Unsafe.SizeOf<T>() > sizeof(long))
            throw Refusal(typeof(T));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Pack<T>(T value)
    {
        long register = 0;
        Unsafe.WriteUnaligned(ref Unsafe.As<long, byte>(ref register), value);
        return register;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Unpack<T>(long register) => Unsafe.ReadUnaligned<T>(ref Unsafe.As<long, byte>(ref register));

    private static KernelMisuseException Refusal(Type result) =>
        new(
            $"a kernel function cannot return a {result.Name}: results are values of at most 8 bytes without references"
        );
}
