namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Marks a method that the kernel does not have as a function of its own: a piece of one, cut out so that a variant can
/// replace just it. Call chains name the kernel's function instead.
/// </summary>
/// <param name="function">The kernel's function, in C; null if the piece belongs to whoever calls it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PartOfAttribute(string? function = null) : Attribute
{
    /// <summary>The kernel's function, in C; null for the caller.</summary>
    public string? Function { get; } = function;
}
