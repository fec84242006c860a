using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines.Plain;

/// <summary>Finds functions by their state machines and twins, and the other way round.</summary>
internal static class Functions
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The function that a state machine is of; null if it is that of a lambda.</summary>
    internal static MethodInfo? Of(Type stateMachine)
    {
        if (stateMachine.DeclaringType is not { } owner)
            return null;

        if (owner.IsGenericTypeDefinition)
        {
            // It has the parameters of what it stands in, and those of its method.
            Type[] arguments = stateMachine.GetGenericArguments();
            if (owner.GetGenericArguments().Length != arguments.Length)
                return null;

            owner = owner.MakeGenericType(arguments);
        }

        Type written = stateMachine.IsGenericType ? stateMachine.GetGenericTypeDefinition() : stateMachine;
        return owner.GetMethods(All).FirstOrDefault(method => StateMachineOf(method) == written);
    }

    /// <summary>The plain twin of a function; null if it has none.</summary>
    internal static MethodInfo? TwinOf(MethodInfo function) => function.DeclaringType!.GetMethods(All).FirstOrDefault(
        method => method.GetCustomAttribute<PlainTwinAttribute>(inherit: false)?.Function == function.Name
            && TakesTheSame(method, function));

    /// <summary>The state machine of the function that a method is the plain twin of; null if it is none.</summary>
    internal static Type? StateMachineOfTwin(MethodBase method) =>
        method.GetCustomAttribute<PlainTwinAttribute>(inherit: false) is { } twin
        && method.DeclaringType!.GetMethods(All).FirstOrDefault(
            each => each.Name == twin.Function && TakesTheSame(each, method)) is { } function
            ? StateMachineOf(function)
            : null;

    private static Type? StateMachineOf(MethodInfo method) =>
        method.GetCustomAttribute<AsyncStateMachineAttribute>(inherit: false)?.StateMachineType;

    private static bool TakesTheSame(MethodBase one, MethodBase other) =>
        one.GetParameters().Select(static each => each.ParameterType)
            .SequenceEqual(other.GetParameters().Select(static each => each.ParameterType));
}
