namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab record --json.</summary>
internal sealed record RecordReport(string File, string Kind, ulong Seed, int Steps, string End);
