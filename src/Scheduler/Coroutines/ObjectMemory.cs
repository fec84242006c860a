using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Raw access to objects: needed for Debug builds only, where the compiler makes state machines classes.</summary>
internal static class ObjectMemory
{
    // Not an unsafe accessor: Coyote's tool cannot rewrite an assembly that has a method without a body.
    private static readonly Func<object, object> s_memberwiseClone = typeof(object)
        .GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<object, object>>();

    internal static object ShallowCopy(object original) => s_memberwiseClone(original);

    internal static ref byte FirstByte(object target) => ref Unsafe.As<RawObject>(target).First;

    /// <summary>Lies over any object, so that the address of its first field can be taken.</summary>
    internal sealed class RawObject
    {
        internal byte First;
    }
}
