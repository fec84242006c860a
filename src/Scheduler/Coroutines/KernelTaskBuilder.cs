using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Kmaplab.Scheduler.Coroutines.Plain;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>What the compiler calls from an <c>async KernelTask</c> method.</summary>
/// <remarks>
/// Its only state is "already on the heap". It has no reference to its frame, because the frame may be a copy: the
/// running frame is known to the stack.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct KernelTaskBuilder
{
    private bool _onHeap;

    /// <summary>For the compiler.</summary>
    public readonly KernelTask Task => new(_onHeap);

    /// <summary>For the compiler.</summary>
    public static KernelTaskBuilder Create() => default;

    /// <summary>Runs the method up to its first suspension, on the caller's own stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (RecursionCheck.Refuses())
            return;

        if (PlainEntry<TStateMachine, bool>.Twin is { } twin && twin(ref stateMachine, out _))
            return;

        if (CallWatching.IsOn)
            CallWatching.Called(typeof(TStateMachine));

        stateMachine.MoveNext();
    }

    /// <summary>For the compiler; never needed, as nothing boxes the state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has returned.</summary>
    public readonly void SetResult()
    {
        if (CallWatching.IsOn)
            CallWatching.Returned(null);

        if (_onHeap)
            KernelStack.Current.Return(0);
    }

    /// <summary>The method has thrown.</summary>
    public readonly void SetException(Exception exception) => Throw(_onHeap, exception);

    /// <summary>The method awaits something that is not there yet.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => Suspend(ref _onHeap, ref awaiter, ref stateMachine);

    /// <summary>For the compiler; no kernel awaiter gets here.</summary>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => throw ForeignAwaiter(typeof(TAwaiter));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Suspend<TAwaiter, TStateMachine>(
        ref bool onHeap,
        ref TAwaiter awaiter,
        ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        // The JIT sees a struct here and calls Suspend directly, without boxing.
        if (awaiter is not IKernelAwaiter)
            throw ForeignAwaiter(typeof(TAwaiter));

        FrameType<TStateMachine>.CheckHoldsNoException(ref stateMachine);
        KernelStack stack = KernelStack.Current;
        Frame frame = onHeap ? stack.Running! : stack.SuspendFirst(ref onHeap, ref stateMachine);
        ((IKernelAwaiter)awaiter).Suspend(stack, frame);
    }

    internal static void Throw(bool onHeap, Exception exception)
    {
        if (CallWatching.IsOn)
            CallWatching.Thrown(exception);

        // A call that has never suspended throws straight at its caller, like any call.
        if (!onHeap)
            ExceptionDispatchInfo.Throw(exception);

        KernelStack.Current.Throw(exception);
    }

    /// <summary>
    /// A method that returns no KernelTask awaits a kernel function. What is thrown here the framework throws where
    /// nobody can catch it, so that is left to the caller, who cannot await such a method.
    /// </summary>
    internal static void LeaveToCaller()
    {
    }

    internal static KernelMisuseException ForeignAwaiter(Type awaiter) =>
        new(
            $"kernel code awaited {awaiter.DeclaringType?.Name ?? awaiter.Name}; it may only await kernel functions "
            + "and the kernel's primitives, which return a KernelTask or a KernelStep");
}

/// <summary>What the compiler calls from an <c>async KernelTask&lt;T&gt;</c> method.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct KernelTaskBuilder<T>
{
    private T _result;
    private bool _onHeap;

    /// <summary>For the compiler.</summary>
    public readonly KernelTask<T> Task => new(_result, _onHeap);

    /// <summary>
    /// For the compiler. Refuses a result that could not travel, whether or not this call will ever be suspended.
    /// </summary>
    public static KernelTaskBuilder<T> Create()
    {
        ReturnRegister.Check<T>();
        return default;
    }

    /// <summary>Runs the method up to its first suspension, on the caller's own stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (RecursionCheck.Refuses())
            return;

        if (PlainEntry<TStateMachine, T>.Twin is { } twin && twin(ref stateMachine, out T result))
        {
            _result = result;
            return;
        }

        if (CallWatching.IsOn)
            CallWatching.Called(typeof(TStateMachine));

        stateMachine.MoveNext();
    }

    /// <summary>For the compiler; never needed, as nothing boxes the state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has returned <paramref name="result"/>.</summary>
    public void SetResult(T result)
    {
        if (CallWatching.IsOn)
            CallWatching.Returned(result);

        if (_onHeap)
            KernelStack.Current.Return(ReturnRegister.Pack(result));
        else
            _result = result; // Nothing was suspended, so nothing is allocated.
    }

    /// <summary>The method has thrown.</summary>
    public readonly void SetException(Exception exception) => KernelTaskBuilder.Throw(_onHeap, exception);

    /// <summary>The method awaits something that is not there yet.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        KernelTaskBuilder.Suspend(ref _onHeap, ref awaiter, ref stateMachine);

    /// <summary>For the compiler; no kernel awaiter gets here.</summary>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => throw KernelTaskBuilder.ForeignAwaiter(typeof(TAwaiter));
}
