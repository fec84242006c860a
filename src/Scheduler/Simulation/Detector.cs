using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// Watches executions for one property. It observes only: what it is shown of the machine cannot be changed by it.
/// </summary>
/// <remarks>
/// A class of the library is listed in <c>StandardDetectors</c>; one of a module carries <c>[Detector]</c> and is found
/// by itself. One detector serves all machines that are booted from one image, so it keeps no state of its own. What it
/// must remember within an execution lives in words of kernel memory that it lays out at boot, and is saved and
/// restored with it.
/// </remarks>
public abstract class Detector
{
    /// <summary>The events that this detector wants to see.</summary>
    public abstract MachineEvents Events { get; }

    /// <summary>Lays out the detector's own words.</summary>
    public virtual void OnBoot(MachineBuilder builder)
    {
    }

    /// <summary>
    /// The machine is to begin with other memory than was booted: what the detector keeps there of page table entries
    /// has to fit them.
    /// </summary>
    internal virtual void OnStart(int[] memory, MmuLayout mmu)
    {
    }

    /// <summary>
    /// A page table entry is about to change from <paramref name="before"/> to <paramref name="after"/>.
    /// </summary>
    public virtual void OnPteChange(MachineView machine, VirtualPage page, PageFrame before, PageFrame after)
    {
    }

    /// <summary>
    /// A task has accessed a page through an address that does not, or not any more, lead to the page that is meant.
    /// </summary>
    public virtual void OnWrongAccess(MachineView machine, in MemoryAccess access)
    {
    }

    /// <summary>
    /// A task accesses memory; <paramref name="page"/> is the page table entry that it goes through, -1 for low memory.
    /// </summary>
    public virtual void OnAccess(MachineView machine, in MemoryAccess access, int page)
    {
    }

    /// <summary>A context is done with a page of a region in which a frame may have several entries.</summary>
    public virtual void OnSlotRelease(MachineView machine, VirtualPage page)
    {
    }

    /// <summary>
    /// A context calls schedule(), or something that may sleep, where it must not: in atomic context.
    /// </summary>
    public virtual void OnMaySleep(MachineView machine, int context, string function)
    {
    }

    /// <summary>A context (task or interrupt handler) is about to end by returning; it is still on its CPU.</summary>
    public virtual void OnExit(MachineView machine, int context)
    {
    }

    /// <summary>A new state was reached; called in exhaustive search only, for every state.</summary>
    public virtual void OnState(MachineView machine)
    {
    }

    /// <summary>
    /// The questions behind <see cref="OnState"/>, for who asks only those whose answer may be another one; null if it
    /// is one question. Where each part holds, it must report nothing.
    /// </summary>
    internal virtual IEnumerable<StatePart>? PartsOfStateCheck(StateSight sight) => null;

    /// <summary>No transition is enabled any more.</summary>
    public virtual void OnQuiescent(MachineView machine)
    {
    }
}

/// <summary>The events that a <see cref="Detector"/> can watch.</summary>
[Flags]
public enum MachineEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="Detector.OnPteChange"/>.</summary>
    PteChange = 1,

    /// <summary><see cref="Detector.OnWrongAccess"/>.</summary>
    WrongAccess = 2,

    /// <summary><see cref="Detector.OnMaySleep"/>.</summary>
    MaySleep = 4,

    /// <summary><see cref="Detector.OnExit"/>.</summary>
    Exit = 8,

    /// <summary><see cref="Detector.OnQuiescent"/>.</summary>
    Quiescent = 16,

    /// <summary><see cref="Detector.OnState"/>.</summary>
    State = 32,

    /// <summary><see cref="Detector.OnSlotRelease"/>.</summary>
    SlotRelease = 64,

    /// <summary><see cref="Detector.OnAccess"/>.</summary>
    Access = 128,
}
