using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>Names the kernel functions that a task is in, innermost first, like the call trace of an oops.</summary>
public static class KernelCallChain
{
    // What is said in the source, and so never changes.
    private static readonly ConcurrentDictionary<Type, PartOfAttribute?> s_parts = [];

    /// <summary>The call chain of the code that runs right now on <paramref name="stack"/>, under C names.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="body">What its outermost function is called if it is a lambda.</param>
    /// <remarks>
    /// Calls that have not suspended yet are on the real stack only, the others in frames. The real stack counts up to
    /// the place where a frame was entered; older state machines below it have already ended.
    /// </remarks>
    internal static IReadOnlyList<string> OfRunning(KernelStack stack, string body)
    {
        var functions = new List<Type>();
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is not { } method)
                continue;

            if (method.DeclaringType == typeof(KernelStack))
                break;

            if (IsStateMachine(method))
                functions.Add(method.DeclaringType!);
        }

        for (Frame? caller = stack.Running?.Parent; caller is not null; caller = caller.Parent)
            functions.Add(caller.Type.StateMachine);

        return InC(functions, body);
    }

    /// <summary>The kernel functions that an exception came through, under C names.</summary>
    internal static IReadOnlyList<string> OfException(Exception exception, string body)
    {
        var functions = new List<Type>();
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (IsStateMachine(frame.GetMethod()) && frame.GetMethod()?.DeclaringType is { } type)
                functions.Add(type);
        }

        return [.. InC(functions, body).Distinct()];
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
        var functions = new List<Type>();
        for (Frame? frame = top; frame is not null; frame = frame.Parent)
            functions.Add(frame.Type.StateMachine);

        return InC(functions, body);
    }

    /// <summary>
    /// The kernel's names of state machines, innermost first. A piece of a function goes by its name, so a function and
    /// its piece are one.
    /// </summary>
    private static List<string> InC(List<Type> functions, string body)
    {
        var chain = new List<string>(); // Outermost first.
        foreach (Type function in functions.AsEnumerable().Reverse())
        {
            string name = chain.Count == 0 && FunctionName.IsLambda(function)
                ? body
                : FunctionName.InC(FunctionName.Of(function));
            if (PartOf(function) is not { } part)
            {
                chain.Add(name);
                continue;
            }

            string whole = part.Function ?? chain.LastOrDefault(name);
            if (chain.Count == 0 || chain[^1] != whole)
                chain.Add(whole);
        }

        chain.Reverse();
        return chain;
    }

    private static PartOfAttribute? PartOf(Type stateMachine) => s_parts.GetOrAdd(
        stateMachine.IsGenericType ? stateMachine.GetGenericTypeDefinition() : stateMachine,
        static type => type.DeclaringType?
            .GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .FirstOrDefault(method =>
                method.GetCustomAttribute<AsyncStateMachineAttribute>(inherit: false)?.StateMachineType == type)
            ?.GetCustomAttribute<PartOfAttribute>(inherit: true));
}
