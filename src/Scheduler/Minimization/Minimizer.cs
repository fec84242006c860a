using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>Finds the smallest schedule that shows a failure of the same class, and what in it matters.</summary>
/// <param name="boot">Boots the machine; twice the same.</param>
/// <param name="failure">The class.</param>
/// <param name="options">How much work it may be.</param>
public sealed class Minimizer(Func<MachineImage> boot, FailureClass failure, MinimizerOptions options)
{
    /// <summary>
    /// Makes a failing schedule as small as can be; null if it does not show the failure (any more).
    /// </summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public MinimizationReport? Run(ReadOnlySpan<Transition> schedule, CancellationToken cancellation = default)
    {
        MachineImage image = boot();
        var trial = new ScheduleTrial(image, failure, options.StepsMax);
        if (trial.RunExactly(schedule) is not { } given)
            return null;

        var search = new LeastSchedule(image, failure, options);
        Failing? least = search.Find(cancellation);
        Failing smallest = least ?? new ScheduleShrinking(trial, options, cancellation).Shrink(given);
        CheckThatItFails(smallest);
        return new MinimizationReport
        {
            Given = given,
            Smallest = smallest,
            IsProved = least is not null,
            PreemptionsAtLeast = search.PreemptionsAtLeast,
            States = search.Visited,
            Pair = CriticalPair.Find(
                image, new ScheduleTrial(image, failure, options.StepsMax), smallest.Schedule, options),
            NoReturn = PointOfNoReturn.Of(image, smallest.Schedule, failure, options, cancellation),
        };
    }

    // What is told was seen on a machine booted anew, whatever found it.
    private void CheckThatItFails(Failing smallest)
    {
        Failing? again = new ScheduleTrial(boot(), failure, options.StepsMax).RunExactly(smallest.Schedule);
        if (again is null || again.Preemptions != smallest.Preemptions)
        {
            throw new InvalidOperationException(
                $"the minimal schedule ({smallest.Steps} steps to {failure.Name()}) does not replay: "
                + "the search is wrong, please report it");
        }
    }
}

/// <summary>What a <see cref="Minimizer"/> has found.</summary>
public sealed record MinimizationReport
{
    /// <summary>The schedule that was given.</summary>
    public required Failing Given { get; init; }

    /// <summary>The smallest one that was found: fewest preemptions first, then fewest steps.</summary>
    public required Failing Smallest { get; init; }

    /// <summary>There is none with fewer preemptions, and none with as many and fewer steps.</summary>
    public required bool IsProved { get; init; }

    /// <summary>No schedule with fewer preemptions shows the failure.</summary>
    public required int PreemptionsAtLeast { get; init; }

    /// <summary>
    /// States that the exact search has visited, each counted for every context that can have stepped last.
    /// </summary>
    public required int States { get; init; }

    /// <summary>The two steps whose order makes the failure; null if no two do.</summary>
    public required CriticalPair? Pair { get; init; }

    /// <summary>How sure the failure is after each step of the smallest schedule.</summary>
    public required PointOfNoReturn NoReturn { get; init; }
}
