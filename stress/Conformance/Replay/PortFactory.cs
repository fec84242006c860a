using Kmaplab.Allocator;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Makes the port that is compared with the traces: the port itself, or a variant of it.</summary>
public delegate HighMemory<SimulatedKernel> PortFactory(IKernelBoot<SimulatedKernel> boot, KmapConfig config);
