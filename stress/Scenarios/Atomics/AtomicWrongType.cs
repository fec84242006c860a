using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios.Atomics;

/// <summary>An interrupt uses a km_type of process context.</summary>
[Scenario(
    "atomic-wrong-type",
    "a hard interrupt maps with KM_USER0, which the task that it interrupts may be using",
    Tasks = 1,
    Pages = 2,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus)]
[Race(
    "wrong-km-type",
    FailureClass.SlotClobber,
    MayShow = [FailureClass.UseAfterUnmap, FailureClass.BugOn],
    Scenario = "atomic-wrong-type",
    Story = """
        A task has a page in the KM_USER0 slot of its CPU. A hard interrupt arrives there and maps another page with the
        same
        type: it takes the very slot. When it returns, the task goes on through an address that now leads to the wrong
        page.
        """,
    Fix = "A type belongs to the context that it is named for: KM_IRQ0 and KM_IRQ1 in hard interrupts.",
    Reference = "include/asm-i386/kmap_types.h; arch/i386/mm/highmem.c, kmap_atomic()")]
public sealed partial class AtomicWrongType<TKernel>() : OneTypeScenario<TKernel>("user", KmType.User0)
    where TKernel : struct, IKernel;
