namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>A call of a kernel function that has not returned yet, and where in it the code stands.</summary>
/// <param name="Function">The function, in C.</param>
/// <param name="Source">The line; null if the assembly has come without its symbols.</param>
public sealed record KernelCall(string Function, SourceLine? Source)
{
    /// <inheritdoc/>
    public override string ToString() => Source is null ? Function : $"{Function} ({Source})";
}
