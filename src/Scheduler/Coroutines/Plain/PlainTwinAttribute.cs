using System.ComponentModel;

namespace Kmaplab.Scheduler.Coroutines.Plain;

/// <summary>Marks the plain twin of an async kernel function of the same class.</summary>
/// <param name="function">The function's name.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PlainTwinAttribute(string function) : Attribute
{
    /// <summary>The function's name.</summary>
    public string Function { get; } = function;
}
