using Kmaplab.Allocator;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.Races.Atomics;

/// <summary>kunmap_atomic() lets go of the CPU before it has cleared the slot.</summary>
[Variant("atomic-late-clear", "kunmap_atomic() allows preemption before it clears the page table entry")]
[Race(
    "atomic-late-clear",
    FailureClass.BugOn,
    MayShow = [FailureClass.SlotClobber, FailureClass.UseAfterUnmap],
    Scenario = "migrate",
    Tasks = 2,
    Pages = 2,
    Cpus = 1,
    Set = [$"{KmapParameters.DebugHighmem}={SwitchParameter.On}"],
    Story = """
        A task has done with its slot, allows preemption, and is preempted before it clears the entry. The next task on
        this CPU maps with
        the same type, and finds the slot taken: kernel BUG. Without that check the late clear would pull its page away.
        """,
    Fix = "Clear and flush first, dec_preempt_count() last.",
    Reference = "arch/i386/mm/highmem.c, kunmap_atomic()")]
public sealed partial class AtomicLateClear<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapAtomic(VirtualAddress address, KmType type)
    {
        NoteAtomicUseOver(address);
        DecPreemptCount(); // The bug: whoever runs next finds the slot as it is.
        await Kernel.PreemptCheckResched();
        if (Fixmap.DebugHighmem && address.Value >= Fixmap.Start.Value)
            await ClearAtomic(address, type);
    }
}
