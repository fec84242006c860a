namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Kernel code, or the scenario that boots it, does something that this library cannot run: a step that is not awaited,
/// a local that cannot be kept, an awaiter of another library. The message says where, and what to do instead.
/// </summary>
/// <remarks>It is a mistake in how the code is written down, and no finding about what the code does.</remarks>
public sealed class KernelMisuseException(string message) : InvalidOperationException(message);
