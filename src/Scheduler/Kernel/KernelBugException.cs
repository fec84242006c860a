namespace Kmaplab.Scheduler.Kernel;

/// <summary>BUG(): carries the failed check up the kernel stack, so that the report can name every caller.</summary>
public sealed class KernelBugException(string code) : Exception($"kernel BUG at {code}")
{
    /// <summary>The check that failed, as function:check.</summary>
    public string Code { get; } = code;
}

/// <summary>A loop turned so often in one step that it can only be endless.</summary>
public sealed class KernelLivelockException(int turns)
    : Exception($"a loop without a scheduling point turned {turns} times in one step");
