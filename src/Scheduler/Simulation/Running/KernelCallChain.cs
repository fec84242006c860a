using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>Names the kernel functions that a task is in, innermost first, like the call trace of an oops.</summary>
public static class KernelCallChain
{
    /// <summary>The call chain of the code that runs right now on <paramref name="stack"/>, under C names.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="body">What its outermost function is called if it is a lambda.</param>
    /// <remarks>
    /// Calls that have not suspended yet are on the real stack only, the others in frames. The real stack counts up to
    /// the place where a frame was entered; older state machines below it have already ended.
    /// </remarks>
    internal static IReadOnlyList<string> OfRunning(KernelStack stack, string body)
    {
        var chain = new List<string>();
        bool endsInLambda = false;
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is not { } method)
                continue;

            if (method.DeclaringType == typeof(KernelStack))
                break;

            if (IsStateMachine(method))
            {
                chain.Add(FunctionName.InC(FunctionName.Of(method.DeclaringType!)));
                endsInLambda = FunctionName.IsLambda(method.DeclaringType!);
            }
        }

        for (Frame? caller = stack.Running?.Parent; caller is not null; caller = caller.Parent)
        {
            chain.Add(FunctionName.InC(caller.Type.Function));
            endsInLambda = caller.Type.IsLambda;
        }

        return WithBody(chain, endsInLambda, body);
    }

    private static List<string> WithBody(List<string> chain, bool endsInLambda, string body)
    {
        if (endsInLambda)
            chain[^1] = body;

        return chain;
    }

    /// <summary>The kernel functions that an exception came through, under C names.</summary>
    internal static IReadOnlyList<string> OfException(Exception exception, string body)
    {
        var chain = new List<string>();
        bool endsInLambda = false;
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (IsStateMachine(frame.GetMethod()) && frame.GetMethod()?.DeclaringType is { } type)
            {
                chain.Add(FunctionName.InC(FunctionName.Of(type)));
                endsInLambda = FunctionName.IsLambda(type);
            }
        }

        return [.. WithBody(chain, endsInLambda, body).Distinct()];
    }

    /// <summary>
    /// The method of a scenario, port or module in which an exception was thrown, as it stands in its source; null if
    /// there is none.
    /// </summary>
    internal static string? MethodOf(Exception exception)
    {
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (IsStateMachine(frame.GetMethod()) && frame.GetMethod()?.DeclaringType is { } type)
                return $"{FunctionName.Of(type)}() of {OwnerOf(type)}";
        }

        return null;
    }

    // A lambda's state machine is nested in a class of the compiler's.
    private static bool IsStateMachine(MethodBase? method) =>
        method is { Name: nameof(IAsyncStateMachine.MoveNext), DeclaringType: { } type }
        && typeof(IAsyncStateMachine).IsAssignableFrom(type);

    private static string OwnerOf(Type stateMachine)
    {
        Type? owner = stateMachine.DeclaringType;
        while (owner is { DeclaringType: { } outer } && owner.Name.StartsWith('<'))
            owner = outer;

        return owner?.Name.Split('`')[0] ?? "its module";
    }

    /// <summary>
    /// The call chain of a suspended task, under C names; <paramref name="body"/> is what its outermost function is
    /// called if it is a lambda.
    /// </summary>
    internal static IReadOnlyList<string> OfSuspended(Frame? top, string body)
    {
        var chain = new List<string>();
        bool endsInLambda = false;
        for (Frame? frame = top; frame is not null; frame = frame.Parent)
        {
            chain.Add(FunctionName.InC(frame.Type.Function));
            endsInLambda = frame.Type.IsLambda;
        }

        return WithBody(chain, endsInLambda, body);
    }
}
