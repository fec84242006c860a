using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Plain;
using Kmaplab.Scheduler.Coroutines.Source;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>Names the kernel functions that a task is in, innermost first, like the call trace of an oops.</summary>
public static class KernelCallChain
{
    // What is said in the source, and so never changes.
    private static readonly ConcurrentDictionary<Type, PartOfAttribute?> s_parts = [];
    private static readonly ConcurrentDictionary<Type, string> s_names = [];

    /// <summary>
    /// The call chain of the code that runs right now on <paramref name="stack"/>, under C names;
    /// <paramref name="body"/> is what its outermost function is called if it is a lambda.
    /// </summary>
    internal static IReadOnlyList<string> OfRunning(KernelStack stack, string body) =>
        Names(InC(Running(stack), body, withSource: false));

    /// <summary><see cref="OfRunning"/>, with the lines at which the calls stand.</summary>
    internal static IReadOnlyList<KernelCall> CallsOfRunning(KernelStack stack, string body) =>
        InC(Running(stack), body, withSource: true);

    /// <summary>The call chain of the kernel code that runs on this thread, all of it on its own stack.</summary>
    internal static IReadOnlyList<string> OfThread(string body) => Names(InC(Running(null), body, withSource: false));

    /// <summary>
    /// The call chain of a suspended task, under C names; <paramref name="body"/> is what its outermost function is
    /// called if it is a lambda.
    /// </summary>
    internal static IReadOnlyList<string> OfSuspended(Frame? top, string body) =>
        Names(InC(Suspended(top), body, withSource: false));

    /// <summary><see cref="OfSuspended"/>, with the lines at which the calls stand.</summary>
    internal static IReadOnlyList<KernelCall> CallsOfSuspended(Frame? top, string body) =>
        InC(Suspended(top), body, withSource: true);

    /// <summary>The kernel functions that an exception came through, under C names.</summary>
    internal static IReadOnlyList<string> OfException(Exception exception, string body)
    {
        var calls = new List<Activation>();
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is { } method && StateMachineOf(method) is { } type)
                calls.Add(new Activation(type, frame.GetILOffset()));
        }

        return [.. Names(InC(calls, body, withSource: false)).Distinct()];
    }

    /// <summary>
    /// A function that is called, and the line that it begins at; null if it is a piece of the one that calls it.
    /// </summary>
    internal static KernelCall? Called(Type stateMachine, string? caller, string body)
    {
        KernelCall call = InC([new Activation(stateMachine)], body, withSource: false)[0] with
        {
            Source = SourceMap.First(stateMachine),
        };
        string? whole = PartOf(stateMachine) is { } part ? part.Function ?? caller : null;
        return whole is null ? call
            : whole == caller ? null
            : call with { Function = whole };
    }

    /// <summary>
    /// The method of a scenario, port or module in which an exception was thrown, as it stands in its source; null if
    /// there is none.
    /// </summary>
    internal static string? MethodOf(Exception exception)
    {
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is { } method && StateMachineOf(method) is { } type)
                return $"{FunctionName.Of(type)}() of {OwnerOf(type)}";
        }

        return null;
    }

    // A lambda's state machine is nested in a class of the compiler's. A plain twin goes by its function.
    private static Type? StateMachineOf(MethodBase method) =>
        method is { Name: nameof(IAsyncStateMachine.MoveNext), DeclaringType: { } type }
        && typeof(IAsyncStateMachine).IsAssignableFrom(type)
            ? type
            : Functions.StateMachineOfTwin(method);

    private static string OwnerOf(Type stateMachine)
    {
        Type? owner = stateMachine.DeclaringType;
        while (owner is { DeclaringType: { } outer } && owner.Name.StartsWith('<'))
            owner = outer;

        return owner?.Name.Split('`')[0] ?? "its module";
    }

    /// <remarks>
    /// Calls that have not suspended yet are on the real stack only, the others in frames. The real stack counts up to
    /// the place where a frame was entered; older state machines below it have already ended.
    /// </remarks>
    private static List<Activation> Running(KernelStack? stack)
    {
        var calls = new List<Activation>();
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is not { } method)
                continue;

            if (method.DeclaringType == typeof(KernelStack))
                break;

            if (StateMachineOf(method) is { } type)
                calls.Add(new Activation(type, frame.GetILOffset()));
        }

        calls.AddRange(Suspended(stack?.Running?.Parent));
        return calls;
    }

    private static List<Activation> Suspended(Frame? top)
    {
        var calls = new List<Activation>();
        for (Frame? frame = top; frame is not null; frame = frame.Parent)
            calls.Add(new Activation(frame.Type.StateMachine, Suspended: frame));

        return calls;
    }

    private static List<string> Names(List<KernelCall> calls) => calls.ConvertAll(call => call.Function);

    /// <summary>
    /// The kernel's names of state machines, innermost first. A piece of a function goes by its name, so a function and
    /// its piece are one; it stands where the piece does.
    /// </summary>
    private static List<KernelCall> InC(List<Activation> calls, string body, bool withSource)
    {
        var chain = new List<KernelCall>(); // Outermost first.
        foreach (Activation call in calls.AsEnumerable().Reverse())
        {
            SourceLine? source = withSource ? call.Source() : null;
            string name = chain.Count == 0 && FunctionName.IsLambda(call.Function)
                ? body
                : s_names.GetOrAdd(call.Function, static type => FunctionName.InC(FunctionName.Of(type)));
            if (PartOf(call.Function) is not { } part)
            {
                chain.Add(new KernelCall(name, source));
                continue;
            }

            string whole = part.Function ?? (chain.Count > 0 ? chain[^1].Function : name);
            if (chain.Count == 0 || chain[^1].Function != whole)
                chain.Add(new KernelCall(whole, source));
            else if (source is not null)
                chain[^1] = new KernelCall(whole, source);
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

    /// <summary>
    /// A call of a state machine: one that runs, by where in its code it is, or one that is suspended.
    /// </summary>
    private readonly record struct Activation(Type Function, int Offset = -1, Frame? Suspended = null)
    {
        internal SourceLine? Source() => Suspended is null
            ? SourceMap.AtOffset(Function, Offset)
            : SourceMap.AtState(Function, Suspended.State());
    }
}
