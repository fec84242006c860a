using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.CoyoteTests.Kernel;

/// <content>What a scenario declares for exhaustive search, where every state is looked at: Coyote samples, and has no states.</content>
internal sealed partial class CoyoteMachine
{
    /// <inheritdoc/>
    public void Canonicalize(Action<int[]> canonicalizer)
    {
    }

    /// <inheritdoc/>
    public void DeclareInterchangeable(int firstTask, int tasks, int firstPage, int pagesEach)
    {
    }

    /// <inheritdoc/>
    public void DeclareMovingWithFrames(IReadOnlyList<int> addresses)
    {
    }

    /// <inheritdoc/>
    public void ForbidRenamingFrames()
    {
    }

    /// <inheritdoc/>
    public void Always(Func<EndCheck?> check)
    {
    }

    /// <inheritdoc/>
    public void DeclareSleep(int waitQueue, int spinLock, string sleeper, Func<bool> isThere)
    {
    }
}
