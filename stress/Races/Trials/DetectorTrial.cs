using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Races.Trials;

/// <summary>
/// Looks whether a module's detector has something to find in that module: a race that fails otherwise, or not at all,
/// without it. One that has not shown anything has not shown that it watches.
/// </summary>
internal static class DetectorTrial
{
    internal const int Executions = 500;

    private const int StepsMax = 10_000;

    /// <summary>The detectors that find nothing.</summary>
    internal static IReadOnlyList<DetectorEntry> Untested(
        ScenarioCatalogue catalogue, ulong seed, CancellationToken cancellation) =>
        [.. catalogue.Detectors.Where(detector => !Finds(catalogue, detector, seed, cancellation))];

    private static bool Finds(
        ScenarioCatalogue catalogue, DetectorEntry detector, ulong seed, CancellationToken cancellation) =>
        OfItsModule(catalogue, detector).Any(experiment =>
            FirstFinding(experiment, seed, cancellation) != FirstFinding(
                experiment with { Detectors = [.. experiment.Detectors.Where(other => other != detector)] },
                seed,
                cancellation));

    private static IEnumerable<Experiment> OfItsModule(ScenarioCatalogue catalogue, DetectorEntry detector) =>
        catalogue.Races
            .Select(race => race.Experiment)
            .Where(race =>
                race.Scenario.Definition.Assembly == detector.Definition.Assembly
                || race.Variant?.Definition.Assembly == detector.Definition.Assembly);

    private static FailureClass? FirstFinding(Experiment experiment, ulong seed, CancellationToken cancellation)
    {
        try
        {
            var execution = new Execution(new Machine(experiment.Boot()), StepsMax);
            var strategy = new RandomWalkStrategy(seed);
            for (int number = 1; number <= Executions && !cancellation.IsCancellationRequested; number++)
            {
                execution.Run(strategy, number);
                if (execution.Finding is { } finding)
                    return finding.Class;
            }
        }
        catch (UsageException)
        {
            // Whoever runs that race is told; here it shows nothing.
        }

        return null;
    }
}
