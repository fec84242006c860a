namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// A trace asks for what cannot be: a size the port does not have, or a step of a task that cannot take one.
/// </summary>
public sealed class ReplayException(string reason) : Exception(reason)
{
}
