namespace Kmaplab.Stress.Oracle;

/// <summary>What a comparison of a program with its exact answers has shown.</summary>
/// <param name="Mismatches">Every count that differs, in the order in which they are counted.</param>
/// <param name="NotCompared">What could not be counted, so that nothing is known about it.</param>
internal sealed record OracleOutcome(IReadOnlyList<OracleMismatch> Mismatches, IReadOnlyList<OracleGap> NotCompared);

/// <summary>A count that differs from the exact answer.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="What">What was counted.</param>
/// <param name="Expected">The exact answer.</param>
/// <param name="Got">What the laboratory counted.</param>
internal sealed record OracleMismatch(string Program, string What, long Expected, long Got);

/// <summary>Answers that were not compared.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="What">The answers, as the file names them.</param>
/// <param name="Why">Why they were not counted.</param>
/// <param name="GaveUp">A search that should have ended did not; otherwise there are just too many to
/// enumerate.</param>
internal sealed record OracleGap(string Program, string[] What, string Why, bool GaveUp);
