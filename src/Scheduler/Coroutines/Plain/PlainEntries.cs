using System.Reflection;
using System.Reflection.Emit;

namespace Kmaplab.Scheduler.Coroutines.Plain;

/// <summary>Makes the entries to plain twins.</summary>
internal static class PlainEntries
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The entry to the twin of the function that a state machine is of; null if there is none.</summary>
    internal static TRun? Create<TRun>(Type stateMachine, Type result)
        where TRun : Delegate
    {
        if (!stateMachine.IsValueType
            || !stateMachine.IsGenericType
            || !Array.Exists(stateMachine.GetGenericArguments(), RunsAtOnce)
            || Functions.Of(stateMachine) is not { } function
            || Functions.TwinOf(function) is not { } twin)
        {
            return null;
        }

        return Emit(stateMachine, result, function, twin)?.CreateDelegate<TRun>();
    }

    private static bool RunsAtOnce(Type argument) =>
        argument.IsValueType
        && typeof(IRunsAtOnce).IsAssignableFrom(argument)
        && (bool)s_ask.MakeGenericMethod(argument).Invoke(null, null)!;

    private static readonly MethodInfo s_ask = ((Func<bool>)Ask<Never>).Method.GetGenericMethodDefinition();

    private static bool Ask<TKernel>()
        where TKernel : IRunsAtOnce => TKernel.RunsAtOnce;

    private readonly struct Never : IRunsAtOnce
    {
        public static bool RunsAtOnce => false;
    }

    private static DynamicMethod? Emit(Type stateMachine, Type result, MethodInfo function, MethodInfo twin)
    {
        var entry = new DynamicMethod(
            twin.Name, typeof(bool), [stateMachine.MakeByRefType(), result.MakeByRefType()], stateMachine, true);
        ILGenerator code = entry.GetILGenerator();
        Type owner = function.DeclaringType!;
        if (!function.IsStatic)
        {
            if (FieldOf(stateMachine, "<>4__this") is not { } self || owner.IsValueType)
                return null;

            Label isWhole = code.DefineLabel();
            Load(self);
            code.Emit(OpCodes.Callvirt, owner.GetProperty("HasAllPlainTwins")!.GetMethod!);
            code.Emit(OpCodes.Brtrue, isWhole);
            code.Emit(OpCodes.Ldc_I4_0);
            code.Emit(OpCodes.Ret);
            code.MarkLabel(isWhole);
        }

        if (twin.ReturnType != typeof(void))
            code.Emit(OpCodes.Ldarg_1);

        if (!function.IsStatic)
            Load(FieldOf(stateMachine, "<>4__this")!);

        foreach (ParameterInfo parameter in function.GetParameters())
        {
            if (FieldOf(stateMachine, parameter.Name!) is not { } field)
                return null;

            Load(field);
        }

        code.Emit(OpCodes.Call, twin); // This one, and none that overrides it: the function itself may be asked for.
        if (twin.ReturnType != typeof(void))
            code.Emit(OpCodes.Stobj, twin.ReturnType);

        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Ret);
        return entry;

        void Load(FieldInfo field)
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, field);
        }
    }

    private static FieldInfo? FieldOf(Type stateMachine, string name) => stateMachine.GetField(name, All);
}
