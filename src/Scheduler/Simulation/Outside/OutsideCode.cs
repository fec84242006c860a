using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// What the code of a module can reach without an object: the classes whose static fields and methods its instructions
/// name, closed over whatever types, and the assemblies that it uses.
/// </summary>
/// <remarks>
/// A generic class has static fields for each type that it is closed over; only code says which are used.
/// </remarks>
internal static class OutsideCode
{
    private const int TwoBytes = 0xFE; // The first byte of those that have two.

    private static readonly ConcurrentDictionary<(Assembly Module, Type Kernel), Type[]> s_named = [];
    private static readonly ConcurrentDictionary<Assembly, Assembly[]> s_used = [];
    private static readonly Dictionary<int, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>
    /// The generic classes that the code of an assembly names; those over a kernel are over this one.
    /// </summary>
    internal static Type[] GenericTypesNamedIn(Assembly assembly, Type kernel) =>
        s_named.GetOrAdd((assembly, kernel), static key =>
            [.. CodeOf(key.Module).SelectMany(method => GenericTypesNamedIn(method, key.Kernel)).Distinct()]);

    /// <summary>Whether the code of a task, in coroutines of an assembly, names anything of a library.</summary>
    internal static bool TasksUse(Assembly user, string library) => TypesOf(user)
        .Where(IsCoroutine)
        .SelectMany(CodeOf)
        .SelectMany(TypesNamedIn)
        .Any(type => type.Assembly.GetName().Name == library);

    /// <summary>The assemblies that one uses which are neither the framework's nor the simulator's.</summary>
    internal static Assembly[] UsedBy(Assembly assembly) =>
        s_used.GetOrAdd(assembly, static assembly =>
            [.. assembly.GetReferencedAssemblies().Select(name => Load(assembly, name)).OfType<Assembly>()]);

    /// <summary>The classes of an assembly, without those whose base is missing.</summary>
    internal static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return [.. exception.Types.OfType<Type>()];
        }
    }

    // Later it would be loaded by the first step that needs it, when nobody begins to watch any more.
    private static Assembly? Load(Assembly user, AssemblyName name)
    {
        AssemblyLoadContext? context = OutsideTypes.IsModule(name) ? AssemblyLoadContext.GetLoadContext(user) : null;
        return context is null ? null : UnlessMissing(() => context.LoadFromAssemblyName(name));
    }

    private static IEnumerable<MethodBase> CodeOf(Assembly assembly) => TypesOf(assembly).SelectMany(CodeOf);

    private static IEnumerable<MethodBase> CodeOf(Type type)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
            | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return (UnlessMissing(() => type.GetMembers(All)) ?? []).OfType<MethodBase>();
    }

    private static bool IsCoroutine(Type type) =>
        typeof(IAsyncStateMachine).IsAssignableFrom(type)
        && Array.Exists(type.GetFields(), field => field.FieldType.Assembly == typeof(KernelTaskBuilder).Assembly
            && field.FieldType.Name.StartsWith(nameof(KernelTaskBuilder), StringComparison.Ordinal));

    // What needs an assembly that is missing has no state; whoever runs it gets to know.
    private static T? UnlessMissing<T>(Func<T?> look)
        where T : class
    {
        try
        {
            return look();
        }
        catch (Exception exception)
            when (exception is IOException or BadImageFormatException or TypeLoadException or ArgumentException)
        {
            return null;
        }
    }

    private static IEnumerable<Type> GenericTypesNamedIn(MethodBase method, Type kernel) => TypesNamedIn(method)
        .Where(type => type.IsGenericType && OutsideTypes.IsOwnCode(type))
        .Select(type => UnlessMissing(() => Over(kernel, type)))
        .OfType<Type>();

    private static IEnumerable<Type> TypesNamedIn(MethodBase method)
    {
        byte[] code = UnlessMissing(() => method.GetMethodBody()?.GetILAsByteArray()) ?? [];
        for (int at = 0; at < code.Length;)
        {
            int number = code[at++];
            if (number == TwoBytes)
                number = (number << 8) | code[at++];

            OpCode operation = s_codes[number];
            bool isMember = operation.OperandType is OperandType.InlineField or OperandType.InlineMethod;
            if (isMember && TypeOf(method, BitConverter.ToInt32(code, at)) is { } type)
                yield return type;

            at += LengthOfOperand(operation, code, at);
        }
    }

    private static int LengthOfOperand(OpCode operation, byte[] code, int at) => operation.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };

    private static Type? TypeOf(MethodBase method, int token)
    {
        Type[] ofType = method.DeclaringType!.GetGenericArguments();
        Type[] ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        return UnlessMissing(() => method.Module.ResolveMember(token, ofType, ofMethod)?.DeclaringType);
    }

    private static Type? Over(Type kernel, Type type)
    {
        Type[] arguments = [.. type.GetGenericArguments().Select(each => each.IsGenericParameter ? kernel : each)];
        Type closed = type.GetGenericTypeDefinition().MakeGenericType(arguments);
        return closed.ContainsGenericParameters ? null : closed;
    }
}
