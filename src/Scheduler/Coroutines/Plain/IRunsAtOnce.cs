namespace Kmaplab.Scheduler.Coroutines.Plain;

/// <summary>A kernel of which kernel functions may run as their plain twins.</summary>
public interface IRunsAtOnce
{
    /// <summary>It does everything at once, and nobody looks at its tasks' frames.</summary>
    static abstract bool RunsAtOnce { get; }
}
