using Kmaplab.Scheduler.Coroutines.Plain;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>Whether a <see cref="ThreadKernel{TMode}"/> looks at what its tasks do, or is only fast.</summary>
/// <remarks>The JIT knows the answer, so the code of the other mode is not there.</remarks>
public interface IThreadMode : IRunsAtOnce
{
    /// <summary>Every check that is sound on threads is made.</summary>
    static abstract bool Checks { get; }
}

/// <summary>All checks that are sound on threads.</summary>
public readonly struct CheckedMode : IThreadMode
{
    /// <inheritdoc/>
    public static bool Checks => true;

    /// <inheritdoc/>
    public static bool RunsAtOnce => false; // What is recorded and judged is the function itself.
}

/// <summary>No check, for throughput. Tasks that can never go on are noticed all the same.</summary>
public readonly struct BareMode : IThreadMode
{
    /// <inheritdoc/>
    public static bool Checks => false;

    /// <inheritdoc/>
    public static bool RunsAtOnce => true;
}
