namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab explain --json.</summary>
/// <param name="Target">The experiment.</param>
/// <param name="Reproduced">The same happened as is recorded.</param>
/// <param name="Class">The class of failure that it shows; null if nothing is wrong.</param>
/// <param name="Steps">The steps that it has taken.</param>
/// <param name="Files">What was written.</param>
internal sealed record ExplainReport(string Target, bool Reproduced, string? Class, int Steps, string[] Files);
