using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>An interrupt that may fire.</summary>
/// <param name="Name">The scenario's name for it.</param>
/// <param name="Kind">Hard or soft.</param>
/// <param name="Limit">How often it may fire in one execution, over all CPUs; 0 for any number of times, as long as a
/// task has not ended.</param>
/// <param name="Handler">What runs.</param>
public sealed record InterruptSource(string Name, InterruptKind Kind, int Limit, Func<KernelTask> Handler);
