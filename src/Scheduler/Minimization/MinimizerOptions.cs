namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// How much work a <see cref="Minimizer"/> may do. All limits count work, so that results do not depend on time.
/// </summary>
public sealed record MinimizerOptions
{
    /// <summary>
    /// States that the exact search visits, each counted for every context that can have stepped last.
    /// </summary>
    public int StatesMax { get; init; } = 100_000;

    /// <summary>Bytes for the states that the exact search has still to go on from.</summary>
    public long BytesMax { get; init; } = 512L << 20;

    /// <summary>Executions that shrinking tries where the exact search was too much.</summary>
    public int TrialsMax { get; init; } = 2_000;

    /// <summary>Continuations that are drawn from each step to see how sure the failure is there, at most.</summary>
    public int Continuations { get; init; } = 64;

    /// <summary>They become fewer where all of them would have more steps than this, all together.</summary>
    public int ContinuationSteps { get; init; } = 1_000_000;

    /// <summary>Where such a continuation is cut off.</summary>
    public int StepsMax { get; init; } = 10_000;

    /// <summary>What those continuations depend on.</summary>
    public ulong Seed { get; init; } = 1;
}
