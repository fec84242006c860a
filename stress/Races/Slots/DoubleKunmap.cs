using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>A task gives back one mapping twice: no bug of kmap, but of its users.</summary>
[Race(
    "double-kunmap",
    FailureClass.ReferenceCount,
    Script = "mA uA xA xA | mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Task 0 unmaps A twice, on an error path for instance. The second time it gives back the use of task 1: the count
        falls
        to 1 although task 1 is about to read and write the page. Task 2 wants B, its flush takes the slot, and task 1
        reaches
        B, or nothing. Without another user of A the count falls to 0, and that is a BUG at once.
        """,
    Fix = "Each kmap has one kunmap. The kernel cannot tell whose use is given back; the laboratory keeps account of "
        + "it.",
    Reference = "afs, commit e3cfd3eb7d5b (double unmap of a directory block); mm/highmem.c, kunmap_high()")]
public static class DoubleKunmap;
