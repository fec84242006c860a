namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// Says that no task, check or canonicalizer of this assembly uses a library: its static fields are then not watched
/// for state outside kernel memory. For a library that other threads of the process use meanwhile, as tests do.
/// </summary>
/// <remarks>
/// It has no effect if a coroutine of the assembly names anything of the library. Objects of the library that tasks can
/// reach are watched as ever.
/// </remarks>
/// <param name="library">The simple name of the library's assembly.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class UnusedByTasksAttribute(string library) : Attribute
{
    /// <summary>The simple name of the library's assembly.</summary>
    public string Library { get; } = library;
}
