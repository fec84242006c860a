using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios.Atomics;

/// <summary>A task uses a km_type of interrupts and leaves them on.</summary>
[Scenario(
    "atomic-irqs-on",
    "a task maps with KM_IRQ0 and leaves interrupts on, so one that uses the type may come",
    Tasks = 1,
    Pages = 2,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus)]
[Race(
    "irq-type-with-irqs-on",
    FailureClass.SlotClobber,
    MayShow = [FailureClass.UseAfterUnmap, FailureClass.BugOn],
    Scenario = "atomic-irqs-on",
    Story = """
        A task borrows a type of interrupts, which it may, but forgets to keep them out. A hard interrupt arrives
        between its
        kmap_atomic and its kunmap_atomic, maps with the same type, and the task's mapping is gone.
        """,
    Fix = "local_irq_save() round the mapping.",
    Reference = "A. Morton, 17 December 2005, on KM_IRQ0 with interrupts on")]
public sealed partial class AtomicIrqsOn<TKernel>() : OneTypeScenario<TKernel>("borrower", KmType.Irq0)
    where TKernel : struct, IKernel;
