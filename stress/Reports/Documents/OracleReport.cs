namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab oracle --json.</summary>
/// <param name="Programs">Programs that were explored.</param>
/// <param name="Mismatches">Counts that differ, over all programs.</param>
/// <param name="First">The first of them; null if there is none.</param>
/// <param name="All">All of them.</param>
/// <param name="ComparedInPart">Programs of which something was not compared.</param>
/// <param name="NotCompared">What that was.</param>
internal sealed record OracleReport(
    int Programs,
    int Mismatches,
    Oracle.OracleMismatch? First,
    Oracle.OracleMismatch[] All,
    int ComparedInPart,
    Oracle.OracleGap[] NotCompared);
