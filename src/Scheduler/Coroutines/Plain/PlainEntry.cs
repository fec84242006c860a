using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines.Plain;

/// <summary>Leads from a kernel function, when it is called, to its plain twin.</summary>
/// <remarks>
/// It is found by the type of the function's state machine, which holds the object and the arguments. So whoever calls
/// a function comes to its twin, and what the twin calls are twins again. For all kernels but those that do everything
/// at once there is no entry, and the JIT knows.
/// </remarks>
internal static class PlainEntry<TStateMachine, TResult>
    where TStateMachine : IAsyncStateMachine
{
    /// <summary>Runs the twin; yields false, having done nothing, if the object's class has not all twins.</summary>
    internal delegate bool Run(ref TStateMachine stateMachine, out TResult result);

    /// <summary>The entry; null if there is none.</summary>
    internal static readonly Run? Twin = PlainEntries.Create<Run>(typeof(TStateMachine), typeof(TResult));
}
