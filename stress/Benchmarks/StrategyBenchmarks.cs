using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>
/// A step of an execution of churn by each strategy, on one thread: none is to take half as long again as one of a
/// random walk.
/// </summary>
[MemoryDiagnoser]
public class StrategyBenchmarks
{
    private const int Steps = 200_000;

    private Execution _execution = null!;
    private SearchStrategy _strategy = null!;
    private long _next;

    /// <summary>The strategies of the library.</summary>
    public static IEnumerable<string> Strategies => new StrategyCatalogue().Entries.Select(entry => entry.Name);

    /// <summary>Who chooses.</summary>
    [ParamsSource(nameof(Strategies))]
    public string Strategy { get; set; } = "";

    /// <summary>Boots the machine.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Experiment experiment = new ScenarioCatalogue(typeof(StrategyBenchmarks).Assembly).Resolve(
            "churn",
            null,
            new SizeRequest());
        _execution = new Execution(new Machine(experiment.Boot()), stepsMax: 100_000);
        _strategy = new StrategyCatalogue().Strategy(Strategy).Create(seed: 1);
    }

    /// <summary>One step. Executions are of different lengths, so that they cannot be compared as a whole.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public int Step()
    {
        int steps = 0;
        while (steps < Steps)
        {
            _execution.Run(_strategy, ++_next);
            steps += _execution.Steps;
        }

        return steps;
    }
}
