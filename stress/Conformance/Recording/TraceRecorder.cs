using Kmaplab.Allocator;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>Records traces of the port: what it does today, to be compared with what it does tomorrow.</summary>
public static class TraceRecorder
{
    /// <summary>Records one trace.</summary>
    public static RecordedTrace Record(RecordOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(options));

        PortFactory port = (boot, config) => new HighMemory<SimulatedKernel>(boot, config);
        return options.Kind switch
        {
            TraceKind.Atomic => new AtomicRecorder(options, port).Record(),
            TraceKind.Coarse => new CoarseRecorder(options, port).Record(),
            _ => new FineRecorder(options, port).Record(),
        };
    }
}
