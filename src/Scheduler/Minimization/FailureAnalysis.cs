using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>What matters in a failing schedule, taken as it is.</summary>
/// <param name="Pair">The two steps whose order makes the failure; null if no two do.</param>
/// <param name="Passing">
/// The nearest schedule without this failure: the same with those two the other way round; empty if there is none.
/// </param>
/// <param name="NoReturn">How sure the failure is after each step.</param>
public sealed record FailureAnalysis(CriticalPair? Pair, Transition[] Passing, PointOfNoReturn NoReturn)
{
    /// <summary>Looks at a schedule; null if it does not show the failure.</summary>
    /// <remarks>The work grows with the square of the number of steps.</remarks>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static FailureAnalysis? Of(
        MachineImage image,
        Transition[] schedule,
        FailureClass failure,
        MinimizerOptions options,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ScheduleTrial(image, failure, options.StepsMax);
        if (trial.RunExactly(schedule) is null)
            return null;

        var pair = CriticalPair.Find(image, trial, schedule, options);
        return new FailureAnalysis(
            pair,
            pair?.Passing ?? [],
            PointOfNoReturn.Of(image, schedule, failure, options, cancellation));
    }
}
