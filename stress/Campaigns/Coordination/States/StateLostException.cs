namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>The state of a campaign is somebody else's now, or out of reach: this coordinator has to end.</summary>
internal sealed class StateLostException(string message, Exception? inner) : IOException(message, inner);
