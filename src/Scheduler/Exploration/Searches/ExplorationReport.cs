using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>What a range of executions showed. Reports of neighbouring ranges merge into the report of both.</summary>
public sealed record ExplorationReport
{
    /// <summary>Executions run.</summary>
    public long Executions { get; init; }

    /// <summary>Steps performed in them.</summary>
    public long Steps { get; init; }

    /// <summary>Executions that were cut off at the step limit.</summary>
    public long CutOff { get; init; }

    /// <summary>The most steps that an execution took.</summary>
    public int StepsMax { get; init; }

    /// <summary>Executions with a finding.</summary>
    public long Failures { get; init; }

    /// <summary>Executions that were compared with each other, of the first ones; none that was cut off.</summary>
    public long Compared { get; init; }

    /// <summary>
    /// The classes of executions among them: those of a class become each other by swapping steps that cannot see each
    /// other.
    /// </summary>
    public long Distinct { get; init; }

    /// <summary>How many classes there were after how many of them; null if none was compared.</summary>
    public DiscoveryCurve? Curve { get; init; }

    /// <summary>What they say of the executions to come; null if they were fewer than was meant.</summary>
    public ClassSample? Classes { get; init; }

    /// <summary>
    /// How many of them are of each class; null unless that was asked for (<see cref="ExplorerOptions.ComparesPart"/>).
    /// </summary>
    public IReadOnlyDictionary<UInt128, long>? ClassCounts { get; init; }

    /// <summary>Executions that ran to their end, or to a finding: those that an estimate may count.</summary>
    public long Ended => Executions - CutOff;

    /// <summary>The finding with the lowest execution number; null if there is none.</summary>
    public FailedExecution? First { get; init; }

    /// <summary>The report of both ranges. Which one comes first does not matter.</summary>
    public ExplorationReport Merge(ExplorationReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        FailedExecution? first =
            First is null || (other.First is not null && other.First.Number < First.Number) ? other.First : First;
        return new ExplorationReport
        {
            Executions = Executions + other.Executions,
            Steps = Steps + other.Steps,
            CutOff = CutOff + other.CutOff,
            StepsMax = Math.Max(StepsMax, other.StepsMax),
            Failures = Failures + other.Failures,
            Compared = Compared + other.Compared,
            Distinct = Distinct + other.Distinct,
            Curve = Curve ?? other.Curve,
            Classes = Classes ?? other.Classes,
            ClassCounts = ClassCounts ?? other.ClassCounts,
            First = first,
        };
    }
}

/// <summary>An execution that showed something wrong.</summary>
/// <param name="Number">Its number from 1.</param>
/// <param name="Finding">What is wrong.</param>
/// <param name="Schedule">The transitions that lead there.</param>
public sealed record FailedExecution(long Number, Finding Finding, Transition[] Schedule)
{
    /// <summary>
    /// For an endless run: how many transitions at the end lead back to the state they began in; otherwise 0.
    /// </summary>
    public int Loop { get; init; }

    /// <summary>How often it switched away from a context that could have gone on.</summary>
    public int Preemptions { get; init; }
}
