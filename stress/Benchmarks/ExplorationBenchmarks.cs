using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>
/// Random executions on one thread, all detectors and the recorder on. Warm, an execution allocates nothing.
/// </summary>
[MemoryDiagnoser]
public class ExplorationBenchmarks
{
    private const int Executions = 1000;

    private Execution _execution = null!;
    private RandomWalkStrategy _strategy = null!;
    private long _next;

    /// <summary>
    /// The scenario, in its usual size: churn is 4 tasks, 2 slots, 4 pages, 3 rounds, 121 steps on average.
    /// </summary>
    [Params("churn", "shared", "exhaust")]
    public string Scenario { get; set; } = "";

    /// <summary>Boots the machine.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Experiment experiment = new ScenarioCatalogue(typeof(ExplorationBenchmarks).Assembly).Resolve(
            Scenario,
            null,
            new SizeRequest());
        _execution = new Execution(new Machine(experiment.Boot()), stepsMax: 100_000);
        _strategy = new RandomWalkStrategy(seed: 1);
    }

    /// <summary>One execution.</summary>
    [Benchmark(OperationsPerInvoke = Executions)]
    public int Explore()
    {
        int steps = 0;
        for (int i = 0; i < Executions; i++)
        {
            _execution.Run(_strategy, ++_next);
            steps += _execution.Steps;
        }

        return steps;
    }
}
