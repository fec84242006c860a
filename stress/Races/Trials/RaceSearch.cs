using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Trials;

/// <summary>Finds a race as explore does unless told otherwise, and its smallest form as minimize does.</summary>
internal static class RaceSearch
{
    internal const string Strategy = "auto";

    /// <summary>
    /// The first execution that fails, and its smallest form; null if none does. Depends on the seed only.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    internal static RaceFound? Find(
        RaceEntry race, ulong seed, int jobs, CancellationToken cancellation, bool minimizes = true)
    {
        FailedExecution? failed = new Explorer(
            race.Experiment.Boot,
            () => new AutoStrategy(seed),
            new ExplorerOptions { Jobs = jobs }).Run(cancellation).First;
        cancellation.ThrowIfCancellationRequested();
        if (failed is null || !race.IsShownBy(failed.Finding.Class))
            return null;

        bool hasMinimal = minimizes && MinimalForm.WhyNone(failed.Finding.Class) is null;
        return new RaceFound(failed, hasMinimal ? Minimal(race, failed, seed, cancellation) : null);
    }

    private static MinimalForm? Minimal(
        RaceEntry race, FailedExecution failed, ulong seed, CancellationToken cancellation)
    {
        try
        {
            return MinimalForm.Find(
                race.Experiment,
                failed.Finding.Class,
                failed.Schedule,
                new MinimizerOptions { Seed = seed },
                failed.Loop,
                cancellation: cancellation);
        }
        catch (Exception exception) when (exception is UsageException or InvalidOperationException)
        {
            return null; // It runs what the search has not run, which may be refused.
        }
    }
}

/// <summary>A race that was found.</summary>
/// <param name="Failed">The first execution that showed it.</param>
/// <param name="Minimal">Its smallest form; null if it has none, or it was not asked for.</param>
internal sealed record RaceFound(FailedExecution Failed, MinimalForm? Minimal);
