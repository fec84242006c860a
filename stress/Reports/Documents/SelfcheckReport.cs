namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab selfcheck --json.</summary>
internal sealed record SelfcheckReport(SelfcheckResult[] Checks, bool Interrupted);

/// <summary>What one check of the laboratory has shown.</summary>
/// <param name="Name">Which check.</param>
/// <param name="Passed">All of it was done, and nothing was wrong.</param>
/// <param name="Detail">What was checked, with numbers.</param>
/// <param name="What">What must hold.</param>
/// <param name="Checked">How many things were checked.</param>
/// <param name="IsWhole">Nothing was left out.</param>
/// <param name="Problems">Everything that did not hold.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record SelfcheckResult(
    string Name, bool Passed, string Detail, string What, int Checked, bool IsWhole, string[] Problems, double Seconds);
