namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>Of what a state is.</summary>
/// <param name="Plan">The fingerprint of the plan.</param>
/// <param name="Build">The program, with its version.</param>
/// <param name="Pieces">How many pieces there are.</param>
internal sealed record CampaignIdentity(string Plan, string Build, int Pieces);
