namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Marks a class whose objects are made at boot, never change, and so may be referred to by the locals of a kernel
/// function across a scheduling point.
/// </summary>
/// <remarks>
/// A snapshot copies the reference, not the object. Anything that changes while the kernel runs belongs into kernel
/// memory.
/// </remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KernelObjectAttribute : Attribute;
