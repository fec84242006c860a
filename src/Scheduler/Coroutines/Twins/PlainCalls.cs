using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines.Twins;

/// <summary>What plain twins of kernel functions are made of.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PlainCalls
{
    /// <summary>An operation that has been performed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result(KernelStep step)
    {
        if (!step.IsCompleted)
            throw Stopped();
    }

    /// <summary>What an operation has yielded that has been performed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Result<T>(KernelStep<T> step) => step.IsCompleted ? step.GetResult() : throw Stopped();

    /// <summary>A function that has returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result(KernelTask task)
    {
        if (!task.GetAwaiter().IsCompleted)
            throw Stopped();
    }

    /// <summary>What a function has returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Result<T>(KernelTask<T> task)
    {
        KernelTask<T>.Awaiter awaiter = task.GetAwaiter();
        return awaiter.IsCompleted ? awaiter.GetResult() : throw Stopped();
    }

    /// <summary>Refuses endless recursion, as the functions themselves do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter() => RecursionCheck.Refuses();

    /// <summary>Refuses results that could not travel, as the functions themselves do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CheckResult<T>() => ReturnRegister.Check<T>();

    private static InvalidOperationException Stopped() =>
        new("a kernel that does everything at once has stopped in front of an operation");
}
