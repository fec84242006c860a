using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>How much an <see cref="Explorer"/> does.</summary>
public sealed record ExplorerOptions
{
    /// <summary>Executions to run at most.</summary>
    public long Executions { get; init; } = 100_000;

    /// <summary>
    /// Where to begin, in chunks of <see cref="SearchStrategy.ChunkSize"/> executions: a part of all is run, and shows
    /// what it would have shown among them.
    /// </summary>
    public long FirstChunk { get; init; }

    /// <summary>How many chunks to run, at most.</summary>
    public long Chunks { get; init; } = long.MaxValue;

    /// <summary>
    /// Asked after each chunk: whether it shall be the last of this thread. Which chunks are run depends on it, and
    /// what each of them shows does not.
    /// </summary>
    public Func<bool>? IsOver { get; init; }

    /// <summary>Threads that explore.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>
    /// Steps after which an execution is cut off; with more tasks and interrupt handlers than 64 as many more.
    /// </summary>
    public int StepsMax { get; init; } = 100_000;

    /// <summary>
    /// The first executions that are compared with each other, at most; less if they are long. At most
    /// <see cref="SearchStrategy.ChunkSize"/>.
    /// </summary>
    public int ComparedMax { get; init; } = SearchStrategy.ChunkSize;

    /// <summary>
    /// Compare the first executions of this part, wherever it begins, and keep how many are of each class: so that what
    /// several parts show can be put together. Otherwise only those of the first chunk of all are compared.
    /// </summary>
    public bool ComparesPart { get; init; }

    /// <summary>Go on after the first finding, and count them.</summary>
    public bool KeepGoing { get; init; }

    /// <summary>Every how manyth execution is run again to compare its states; 0 for none.</summary>
    public int DeterminismEvery { get; init; } = 1000;

    /// <summary>
    /// How steps are looked up that were made before; null to perform each. What is found does not depend on it.
    /// </summary>
    public MemoOptions? Memo { get; init; } = new();

    /// <summary>
    /// Steps that a thread performs before it begins to look steps up: few are not worth the recording.
    /// </summary>
    public long StepsBeforeMemo { get; init; } = 200_000;

    /// <summary>
    /// Steps that a thread has made before it turns what it looks up into cells, where that can be done, and this
    /// processor is fast at it: so many that it is known whether it pays to look steps up at all. What is found does
    /// not depend on it.
    /// </summary>
    public long StepsBeforeCells { get; init; } = 1_500_000;

    /// <summary>Use cells on any processor, for tests.</summary>
    internal bool ForcesCells { get; init; }

    /// <summary>
    /// One thread goes ahead by so many steps before the others begin, so that the compiler has a core to itself while
    /// the code is not yet optimized; 0 for all at once. What is found does not depend on it.
    /// </summary>
    public long WarmUpSteps { get; init; } = 1_000_000;
}
