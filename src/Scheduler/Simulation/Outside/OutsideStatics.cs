using System.Reflection;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// The static fields that come into reach with an object: those of its class and around it, and for a module those of
/// all its classes.
/// </summary>
/// <param name="kernel">The kernel that classes of one type parameter are taken over.</param>
internal sealed class OutsideStatics(Type kernel)
{
    private readonly HashSet<Type> _types = [];
    private readonly HashSet<Assembly> _modules = [];
    private readonly HashSet<Assembly> _asked = [];
    private readonly HashSet<string> _unused = [];

    /// <summary>The static fields that are new with an object of this type.</summary>
    internal IEnumerable<FieldInfo> FieldsWith(Type type)
    {
        if (!OutsideTypes.IsOwnCode(type) || type.IsArray)
            return [];

        if (_asked.Add(type.Assembly))
            _unused.UnionWith(UnusedByTasksOf(type.Assembly));

        IEnumerable<FieldInfo> fields = Around(type).Where(_types.Add).SelectMany(FieldsOf);
        return OutsideTypes.IsModule(type.Assembly.GetName()) ? fields.Concat(FieldsOf(type.Assembly)) : fields;
    }

    private IEnumerable<FieldInfo> FieldsOf(Assembly module)
    {
        if (!_modules.Add(module) || IsUnused(module))
            return [];

        IEnumerable<FieldInfo> declared = OutsideCode.TypesOf(module)
            .Select(type => Closed(type, []))
            .OfType<Type>()
            .Where(_types.Add)
            .SelectMany(FieldsOf);
        IEnumerable<FieldInfo> named = OutsideCode.GenericTypesNamedIn(module, kernel)
            .Where(_types.Add)
            .SelectMany(FieldsOf);
        return declared.Concat(named).Concat(OutsideCode.UsedBy(module).SelectMany(FieldsOf));
    }

    // Base classes, the classes that it is nested in (a closure is, in whoever captures), and those nested in these.
    private IEnumerable<Type> Around(Type type)
    {
        for (Type? own = type; own is not null && OutsideTypes.IsOwnCode(own); own = own.BaseType)
        {
            Type[] arguments = own.GetGenericArguments();
            for (Type? outer = own; outer is not null; outer = outer.DeclaringType)
            {
                if (Closed(outer, arguments) is not { } closed)
                    continue;

                yield return closed;
                foreach (Type nested in outer.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic))
                {
                    if (Closed(nested, arguments) is { } inner)
                        yield return inner;
                }
            }
        }
    }

    // A class of one type parameter is one of a kernel, as scenarios and variants are. A nested class has the type
    // parameters of those around it, and perhaps one more, which is the kernel then.
    private Type? Closed(Type type, Type[] arguments)
    {
        if (!type.ContainsGenericParameters)
            return type;

        Type definition = type.GetGenericTypeDefinition();
        int parameters = definition.GetGenericArguments().Length;
        if (parameters == arguments.Length + 1)
            arguments = [.. arguments, kernel];

        if (parameters > arguments.Length || Array.Exists(arguments, argument => argument.IsGenericParameter))
            return null;

        try
        {
            return definition.MakeGenericType(arguments[..parameters]);
        }
        catch (ArgumentException)
        {
            return null; // Its constraints want something else.
        }
    }

    private bool IsUnused(Assembly library) => library.GetName().Name is { } name && _unused.Contains(name);

    // Whoever says so, and has a coroutine that uses it, is not believed.
    private static IEnumerable<string> UnusedByTasksOf(Assembly assembly) => assembly
        .GetCustomAttributes<UnusedByTasksAttribute>()
        .Select(each => each.Library)
        .Where(library => !OutsideCode.TasksUse(assembly, library));

    private IEnumerable<FieldInfo> FieldsOf(Type type) =>
        OutsideTypes.IsMadeByCompiler(type) || !OutsideTypes.IsOwnCode(type) || IsUnused(type.Assembly)
            ? []
            : OutsideTypes.FieldsOf(type, BindingFlags.Static).Where(field => !field.IsLiteral && CanBeRead(field));

    // A class whose initializer fails has no state; whoever uses it gets to know.
    private static bool CanBeRead(FieldInfo field)
    {
        try
        {
            field.GetValue(null);
            return true;
        }
        catch (Exception exception)
            when (exception is TypeInitializationException or TargetInvocationException or NotSupportedException)
        {
            return false;
        }
    }
}
