using System.Collections.Immutable;
using Kmaplab.Scheduler.Kernel;

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

    /// <summary>Names of the condition variables by index.</summary>
    public required ImmutableArray<string> Conditions { get; init; }

    /// <summary>Names of the channels by index.</summary>
    public required ImmutableArray<string> Channels { get; init; }

    /// <summary>How many values each channel has room for, by index.</summary>
    public required ImmutableArray<int> Capacities { get; init; }

    /// <summary>The threads, all of them started.</summary>
    public required ImmutableArray<OracleThread> Threads { get; init; }

    /// <summary>What must hold when all of them have finished.</summary>
    public required ImmutableArray<OracleEnd> Finally { get; init; }

    /// <summary>A hash of all that it does; names of programs and exact answers are not in it.</summary>
    public required ulong Content { get; init; }

    /// <summary>The exact answers, or <see cref="OracleExpectation.Unknown"/>.</summary>
    public required OracleExpectation Expect { get; init; }

    /// <summary>Why nothing is compared with its answers; null if that is possible.</summary>
    public string? WhyNotCounted
    {
        get
        {
            if (ReferenceEquals(Expect, OracleExpectation.Unknown))
                return "the file has no exact counts for it";

            return Finally.IsEmpty && !Has(instruction => instruction.CanFail)
                ? null
                : "it can fail, and counts are of programs that run to their end";
        }
    }

    /// <summary>Why its executions are not enumerated; null if they are.</summary>
    public string? WhyNotEnumerated => this switch
    {
        _ when Threads.Any(thread => thread.HasLoops) => "it has loops, and its executions may be endless",
        { Conditions.IsEmpty: false } => "what a signal wakes is no word that traces know",
        _ when Has(instruction => instruction.Opcode == OracleOpcode.Choose) => "it makes choices",
        _ => null,
    };

    private bool Has(Func<OracleInstruction, bool> property) =>
        Threads.Any(thread => thread.Instructions.Any(property));
}

/// <summary>A thread: code over registers of its own, which start at 0.</summary>
/// <param name="Instructions">In order, but for the branches.</param>
/// <param name="Registers">Names of the registers by index.</param>
public sealed record OracleThread(ImmutableArray<OracleInstruction> Instructions, ImmutableArray<string> Registers)
{
    /// <summary>Whether it may come to an instruction again.</summary>
    public bool HasLoops => Instructions
        .Where((instruction, at) => instruction.Opcode == OracleOpcode.Branch && instruction.Destination <= at)
        .Any();
}

/// <summary>What must hold at the end.</summary>
/// <param name="Variable">The variable's index.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">With what.</param>
public readonly record struct OracleEnd(int Variable, Comparison Comparison, int Value);

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
