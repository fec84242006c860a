using BenchmarkDotNet.Attributes;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Benchmarks;

/// <summary>
/// Exhaustive search for unboundedly many rounds, all detectors and invariants on: the time of one transition.
/// </summary>
/// <remarks>The tables grow from nothing each time.</remarks>
public class VerificationBenchmarks
{
    /// <summary>
    /// The transitions of the search, the same for any number of jobs: BenchmarkDotNet divides by it.
    /// </summary>
    internal const int Transitions = 1_337_052;

    private Experiment _churn = null!;

    /// <summary>Threads that search.</summary>
    [Params(1, 2)]
    public int Jobs { get; set; }

    /// <summary>Names the experiment.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var size = new SizeRequest { Tasks = 4, Slots = 2, Pages = 4, Rounds = 0 };
        _churn = new ScenarioCatalogue(typeof(VerificationBenchmarks).Assembly).Resolve("churn", null, size);
    }

    /// <summary>One transition of the proof of churn, like tasks told apart.</summary>
    [Benchmark(OperationsPerInvoke = Transitions)]
    public VerificationReport Verify()
    {
        var options = new VerifierOptions { Jobs = Jobs, Fusion = true, Symmetry = false };
        VerificationReport report = new Verifier(_churn.Boot(), options).Run();
        return report is { Verdict: Verdict.Verified, Transitions: Transitions }
            ? report
            : throw new InvalidOperationException(
                $"{report.Verdict} after {report.Transitions} transitions: the benchmark divides by {Transitions}");
    }
}
