using System.Diagnostics;
using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;

namespace Kmaplab.CoyoteTests.Comparison;

/// <summary>
/// One run of an engine over one experiment, from one seed, up to the first failure or the end of the budget.
/// </summary>
/// <param name="Executions">Executions run.</param>
/// <param name="Steps">Steps performed in them.</param>
/// <param name="Seconds">How long it took; booting is not counted.</param>
/// <param name="HasFailed">Whether the last of them failed.</param>
internal readonly record struct Measurement(long Executions, long Steps, double Seconds, bool HasFailed)
{
    /// <summary>Executions per second.</summary>
    public double ExecutionsPerSecond => Executions / Seconds;

    /// <summary>Steps per second.</summary>
    public double StepsPerSecond => Steps / Seconds;

    /// <summary>Coyote, choosing at random.</summary>
    public static Measurement OfCoyote(Trial trial, uint seed, uint executionsMax)
    {
        CoyoteMachine machine = trial.BootForCoyote();
        var watch = Stopwatch.StartNew();
        CoyoteReport report = CoyoteExplorer.Run(machine, Strategies.Configure("random", executionsMax, seed));
        return new Measurement(report.Executions, report.Steps, watch.Elapsed.TotalSeconds, report.Finding is not null);
    }

    /// <summary>
    /// The simulated machine on one thread, choosing at random, in assemblies that nobody has rewritten.
    /// </summary>
    public static Measurement OfSimulation(OriginalAssemblies originals, Trial trial, uint seed, uint executionsMax)
    {
        double[] numbers = originals.Call<double[]>(
            typeof(Measurement),
            nameof(RunSimulation),
            trial.Name,
            seed,
            executionsMax);
        return new Measurement((long)numbers[0], (long)numbers[1], numbers[2], numbers[3] != 0);
    }

    /// <summary>
    /// What <see cref="OfSimulation"/> calls in the original assembly: arrays of numbers are the same type in both.
    /// </summary>
    public static double[] RunSimulation(string trial, uint seed, uint executionsMax)
    {
        var execution = new Execution(Trials.Named(trial).BootSimulated(), stepsMax: 100_000);
        var strategy = new RandomWalkStrategy(seed);
        long executions = 0;
        long steps = 0;
        var watch = Stopwatch.StartNew();
        while (executions < executionsMax && (executions == 0 || execution.Finding is null))
        {
            execution.Run(strategy, ++executions);
            steps += execution.Steps;
        }

        return [executions, steps, watch.Elapsed.TotalSeconds, execution.Finding is null ? 0 : 1];
    }
}
