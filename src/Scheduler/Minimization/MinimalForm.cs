using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// A failure in its smallest form: the smallest schedule, at the smallest sizes. Whoever shows one shows this, so that
/// all who do show the same.
/// </summary>
/// <param name="Given">The experiment that failed.</param>
/// <param name="Experiment">It with the smallest sizes that were found; the same if there are no smaller ones.</param>
/// <param name="Report">The smallest schedule of it, and what in it matters.</param>
public sealed record MinimalForm(Experiment Given, Experiment Experiment, MinimizationReport Report)
{
    private const int LargeShare = 100;
    private const int LargeContinuations = 4;

    /// <summary>Whether there are smaller sizes.</summary>
    public bool IsSmaller => !ReferenceEquals(Given, Experiment);

    /// <summary>
    /// Finds it; null if the schedule does not show the failure (any more).
    /// </summary>
    /// <param name="experiment">What is run.</param>
    /// <param name="failure">The class of failure.</param>
    /// <param name="schedule">What shows it.</param>
    /// <param name="options">How much work it may be.</param>
    /// <param name="loop">Transitions at its end that lead back to where they began; 0 for a run that ends.</param>
    /// <param name="keepSizes">Look for no smaller sizes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static MinimalForm? Find(
        Experiment experiment,
        FailureClass failure,
        ReadOnlySpan<Transition> schedule,
        MinimizerOptions options,
        int loop = 0,
        bool keepSizes = false,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        keepSizes |= experiment.Start.Count > 0; // Which fits no other.
        if (loop > 0)
            return FindLoop(experiment, failure, schedule, options, loop, keepSizes, cancellation);

        var minimizer = new Minimizer(experiment.Boot, failure, AtSizeOf(experiment, options));
        if (minimizer.SearchAll(schedule, cancellation) is not { } shrunk)
            return null;

        // At smaller sizes all can be searched where that is too much at those given.
        (Experiment Experiment, Failing Failing)? smaller = keepSizes
            ? null
            : new SmallerSizes(failure, options).Find(experiment, shrunk.Smallest.Preemptions, cancellation);
        if (smaller is not { } less)
        {
            shrunk = shrunk.IsProved ? shrunk : minimizer.Try(shrunk, cancellation);
            return new MinimalForm(experiment, experiment, minimizer.Explain(shrunk, cancellation));
        }

        MinimizationReport report =
            new Minimizer(less.Experiment.Boot, failure, options).Run(less.Failing.Schedule, cancellation)
            ?? throw new InvalidOperationException("a smaller size does not show the failure again: please report it");
        return new MinimalForm(experiment, less.Experiment, report with { Given = shrunk.Given });
    }

    // At a smaller size another loop shows the failure, and is made small there.
    private static MinimalForm? FindLoop(
        Experiment experiment,
        FailureClass failure,
        ReadOnlySpan<Transition> schedule,
        MinimizerOptions options,
        int loop,
        bool keepSizes,
        CancellationToken cancellation)
    {
        var minimizer = new Minimizer(experiment.Boot, failure, AtSizeOf(experiment, options));
        if (minimizer.JudgeLoop(schedule, loop, cancellation) is not { } given)
            return null;

        if (keepSizes || new SmallerSizes(failure, options).FindLoop(experiment, cancellation) is not { } less)
            return new MinimalForm(experiment, experiment, minimizer.ShrinkLoop(given, cancellation));

        MinimizationReport report = new Minimizer(less.Experiment.Boot, failure, options).RunLoop(
                less.Failing.Run.Schedule, less.Failing.Loop, cancellation)
            ?? throw new InvalidOperationException("a smaller size does not show the failure again: please report it");
        return new MinimalForm(experiment, less.Experiment, report with { Given = given.Run });
    }

    // Among thousands of tasks little can be tried; that the failure is there with a few of them is worth more.
    private static MinimizerOptions AtSizeOf(Experiment experiment, MinimizerOptions options) =>
        experiment.Boot().Contexts <= Transition.MaxSmall
            ? options
            : options with
            {
                StatesMax = Math.Max(1, options.StatesMax / LargeShare),
                TrialsMax = Math.Max(1, options.TrialsMax / LargeShare),
                Continuations = Math.Min(options.Continuations, LargeContinuations),
                ContinuationSteps = Math.Max(1, options.ContinuationSteps / LargeShare),
            };

    /// <summary>Why a failure has no smallest form; null if it may have one.</summary>
    public static string? WhyNone(FailureClass failure) =>
        failure == FailureClass.Nondeterminism
            ? "the scenario depends on something outside the machine: no schedule of it is the same twice, so none is "
                + "the smallest"
            : null;
}
