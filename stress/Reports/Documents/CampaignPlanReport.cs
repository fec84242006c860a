namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab campaign plan --json.</summary>
/// <param name="File">The plan that was written.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Fingerprint">Of its pieces.</param>
/// <param name="Pieces">How many they are.</param>
internal sealed record CampaignPlanReport(string File, string Name, string Fingerprint, int Pieces);
