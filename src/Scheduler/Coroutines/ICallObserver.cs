namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Is told of every call of a kernel function and of its end, in the order in which they happen.</summary>
/// <remarks>
/// A call may last over many steps, and those of other tasks come between; each task's own are nested. A pool without
/// an observer pays one look at a number for each call.
/// </remarks>
internal interface ICallObserver
{
    /// <summary>A function is called; the running context calls it.</summary>
    void OnCalled(Type stateMachine);

    /// <summary>
    /// The innermost call of the running context has returned; <paramref name="result"/> is null if it has none.
    /// </summary>
    void OnReturned(object? result);

    /// <summary>The innermost call of the running context ends in an exception.</summary>
    void OnThrown(Exception exception);
}
