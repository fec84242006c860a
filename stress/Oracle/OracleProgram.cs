using System.Collections.Immutable;

namespace Kmaplab.Stress.Oracle;

/// <summary>A small program whose executions were counted by brute force.</summary>
public sealed record OracleProgram
{
    /// <summary>The name, unique in its file.</summary>
    public required string Name { get; init; }

    /// <summary>Names of the variables by index.</summary>
    public required ImmutableArray<string> Variables { get; init; }

    /// <summary>Values of the variables at the start, by index.</summary>
    public required ImmutableArray<int> Initial { get; init; }

    /// <summary>Names of the locks by index.</summary>
    public required ImmutableArray<string> Locks { get; init; }

    /// <summary>The threads, all of them started.</summary>
    public required ImmutableArray<OracleThread> Threads { get; init; }

    /// <summary>A hash of all that it does; names of programs and exact answers are not in it.</summary>
    public required ulong Content { get; init; }

    /// <summary>The exact answers, or <see cref="OracleExpectation.Unknown"/>.</summary>
    public required OracleExpectation Expect { get; init; }
}

/// <summary>A thread: straight-line code over registers of its own.</summary>
/// <param name="Instructions">In order; only the exits leave it early.</param>
/// <param name="Registers">Names of the registers by index; each is written before it is read.</param>
public sealed record OracleThread(ImmutableArray<OracleInstruction> Instructions, ImmutableArray<string> Registers);

/// <summary>The exact answers for a program.</summary>
public sealed record OracleExpectation
{
    /// <summary>Nobody has counted: the program can be searched, and not compared.</summary>
    public static OracleExpectation Unknown { get; } = new()
    {
        Interleavings = 0,
        Traces = 0,
        DeadlockTraces = 0,
        TracesByPreemptions = [],
        States = 0,
        Transitions = 0,
        DeadlockStates = 0,
        FinalStates = 0,
    };

    /// <summary>Distinct sequences of steps of maximal executions.</summary>
    public required long Interleavings { get; init; }

    /// <summary>Mazurkiewicz traces.</summary>
    public required long Traces { get; init; }

    /// <summary>Traces that end with an unfinished thread.</summary>
    public required long DeadlockTraces { get; init; }

    /// <summary>By k, traces with an interleaving of at most k preemptions.</summary>
    public required ImmutableArray<long> TracesByPreemptions { get; init; }

    /// <summary>Distinct reachable states, the start included.</summary>
    public required long States { get; init; }

    /// <summary>Enabled steps summed over all states.</summary>
    public required long Transitions { get; init; }

    /// <summary>States with nobody enabled and somebody unfinished.</summary>
    public required long DeadlockStates { get; init; }

    /// <summary>States with everybody finished.</summary>
    public required long FinalStates { get; init; }
}
