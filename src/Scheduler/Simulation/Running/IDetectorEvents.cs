using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>What running code tells whoever looks for faults (<c>MachineEvents</c>).</summary>
internal interface IDetectorEvents
{
    /// <summary>Whether anybody wants to see every access.</summary>
    bool SeesAccesses { get; }

    void OnPteChange(int page, PageFrame before, PageFrame after);

    void OnWrongAccess(in MemoryAccess access);

    void OnAccess(in MemoryAccess access, int page);

    void OnMaySleep(int context, string function);

    void OnExit(int context);

    void OnSlotRelease(VirtualPage page);
}
