namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab bench --json.</summary>
internal sealed record BenchReport(BenchResult[] Benchmarks, string Reports);

/// <summary>One benchmark, an operation of which takes so long and allocates so much on average.</summary>
internal sealed record BenchResult(
    string Name,
    double MeanNanoseconds,
    double StandardDeviationNanoseconds,
    long? AllocatedBytes);
