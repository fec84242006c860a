using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Looks for smaller sizes of an experiment at which the same class of failure still is: the smallest numbers first,
/// then each of its numbers is lowered, and each word of its texts left out, as long as that is so.
/// </summary>
/// <remarks>
/// Each size is searched from scratch, for the fewest preemptions, within a part of the limits; a size is kept only if
/// the failure was found there with no more preemptions than before. What a variant does wrong must not get lost on the
/// way: a size at which the port itself fails like that is no smaller form of it, as a script that no longer unmaps is
/// none of a leak. And what fails in some orders of steps only stays so: one task that wants two slots of one is no
/// smaller form of two that keep them from each other.
/// </remarks>
public sealed class SmallerSizes(FailureClass failure, MinimizerOptions options)
{
    private const int SearchesMax = 160;
    private const int SearchesFromBelow = 100;
    private const int ShareOfLimits = 4; // For one search; all together have the limits once.
    private const int ExecutionsToCompare = 64;
    private const int ExecutionsForLoop = 256;

    private int _searches;
    private int _statesLeft = options.StatesMax;

    /// <summary>
    /// The smallest experiment that was found, with its smallest schedule; null if the given one cannot be made
    /// smaller.
    /// </summary>
    public (Experiment Experiment, Failing Failing)? Find(
        Experiment experiment, int preemptionsMax, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return Descend<Failing>(
            experiment, (candidate, best) => Search(candidate, best?.Preemptions ?? preemptionsMax, cancellation));
    }

    /// <summary>
    /// The same for endless runs: at each size a loop is looked for by executions that are drawn at random, and one
    /// that is not met there is no smaller form.
    /// </summary>
    internal (Experiment Experiment, FailingLoop Failing)? FindLoop(
        Experiment experiment, CancellationToken cancellation) =>
        Descend<FailingLoop>(experiment, (candidate, _) => SearchLoop(candidate, cancellation));

    private (Experiment Experiment, TFailing Failing)? Descend<TFailing>(
        Experiment experiment, Func<Experiment, TFailing?, TFailing?> search)
        where TFailing : class
    {
        (Experiment Experiment, TFailing Failing)? best = null;
        bool isRace = CountFailing(experiment) < ExecutionsToCompare;
        KeepFirst(SizeSteps.FromBelow(experiment).Take(SearchesFromBelow));
        while (KeepFirst(SizeSteps.SmallerThan(best?.Experiment ?? experiment)))
        {
        }

        return best;

        bool KeepFirst(IEnumerable<Parameters> candidates)
        {
            foreach (Parameters smaller in candidates)
            {
                Experiment candidate = experiment with { Parameters = smaller };
                if (search(candidate, best?.Failing) is { } failing && !IsSomethingElse(candidate, isRace))
                {
                    best = (candidate, failing);
                    return true;
                }
            }

            return false;
        }
    }

    private Failing? Search(Experiment experiment, int preemptionsMax, CancellationToken cancellation)
    {
        if (_searches++ >= SearchesMax)
            return null;

        MinimizerOptions share = options with
        {
            StatesMax = Math.Min(_statesLeft, options.StatesMax / ShareOfLimits),
        };
        try
        {
            var search = new LeastSchedule(experiment.Boot(), failure, share);
            Failing? found = search.Find(cancellation);
            _statesLeft = Math.Max(0, _statesLeft - search.Visited);
            return found is not null && found.Preemptions <= preemptionsMax ? found : null;
        }
        catch (UsageException)
        {
            return null; // Too small for this scenario.
        }
    }

    private FailingLoop? SearchLoop(Experiment experiment, CancellationToken cancellation)
    {
        if (_searches++ >= SearchesMax)
            return null;

        try
        {
            var counter = new PreemptionCounter();
            var execution = new Execution(new Machine(experiment.Boot()), options.StepsMax, counter);
            var strategy = new RandomWalkStrategy(options.Seed);
            for (int number = 1; number <= ExecutionsForLoop; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                execution.Run(strategy, number);
                if (execution is { Loop: > 0, Finding: { } finding } && finding.Class == failure)
                {
                    var run = new Failing(execution.Schedule.ToArray(), counter.Preemptions, finding);
                    return new FailingLoop(run, execution.Loop);
                }
            }
        }
        catch (UsageException)
        {
            // Too small for this scenario.
        }

        return null;
    }

    private bool IsSomethingElse(Experiment smaller, bool isRace) =>
        (isRace && CountFailing(smaller) == ExecutionsToCompare)
        || (smaller.Variant is not null && CountFailing(smaller with { Variant = null }) > 0);

    private int CountFailing(Experiment experiment)
    {
        var execution = new Execution(new Machine(experiment.Boot()), options.StepsMax);
        var strategy = new RandomWalkStrategy(options.Seed);
        int failing = 0;
        for (int number = 1; number <= ExecutionsToCompare; number++)
        {
            execution.Run(strategy, number);
            failing += execution.Finding?.Class == failure ? 1 : 0;
        }

        return failing;
    }
}
