using System.Reflection;
using System.Runtime.Loader;

namespace Kmaplab.CoyoteTests.Comparison;

/// <summary>
/// The assemblies as the compiler left them: the simulated machine is measured in these, not in Coyote's slower ones.
/// </summary>
internal sealed class OriginalAssemblies : AssemblyLoadContext
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "originals");

    /// <summary>This assembly, before it was rewritten.</summary>
    public Assembly Tests => LoadFromAssemblyName(typeof(OriginalAssemblies).Assembly.GetName());

    /// <summary>
    /// Calls a static method of the original of some type of this assembly, with values that both know.
    /// </summary>
    public T Call<T>(Type rewritten, string method, params object[] arguments) =>
        (T)Tests.GetType(rewritten.FullName!)!.GetMethod(method)!.Invoke(null, arguments)!;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string file = Path.Combine(s_folder, $"{assemblyName.Name}.dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
