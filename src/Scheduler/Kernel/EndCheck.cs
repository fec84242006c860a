using System.ComponentModel;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>A <see cref="Finding"/>, under the name that it had in modules written before 0.1.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record EndCheck(FailureClass Class, string Message) : Finding(Class, Message);
