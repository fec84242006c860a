namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>What executions that were compared say of those to come.</summary>
/// <param name="Executions">How many were compared: settled before the second, whatever they showed.</param>
/// <param name="Once">Those of a class that no other of them is of.</param>
/// <param name="Later">Those of them in the second half.</param>
/// <param name="NewLater">Those of the second half whose class is not in the first.</param>
/// <remarks>
/// Both numbers hold for executions that are drawn alike and independently, and for nothing else. The estimate is that
/// of I. J. Good, "The population frequencies of species and the estimation of population parameters", 1953. The bound
/// does not rest on it: given the first half, each of the second is new by the same probability, and what is new after
/// all of them is no more.
/// </remarks>
public sealed record ClassSample(long Executions, long Once, long Later, long NewLater)
{
    /// <summary>How likely it is, about, that another execution is of a class that none of them is of.</summary>
    public double New => (double)Once / Executions;

    /// <summary>What that is at most, with a confidence of <see cref="FailureRate.Confidence"/>.</summary>
    public double NewAtMost => new FailureRate(NewLater, Later, IsIndependent: true).AtMost;
}
