using Kmaplab.Allocator;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// A page goes into a slot of its own colour, as caches that are looked up by virtual address want it, and each colour
/// has a cursor and a wait queue (Linux 3.17, get_pkmap_color). Fewer are woken that have no use for the slot.
/// </summary>
[Variant(
    "queue-per-colour",
    "pages and slots have one of two colours, and each colour has its own cursor and wait queue",
    IsBenign = true)]
public sealed partial class QueuePerColour<TKernel> : DividedSlots<TKernel>
    where TKernel : struct, IKernel
{
    private const int ColoursMax = 2;

    /// <summary>As many colours as there can be.</summary>
    public QueuePerColour(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config, ColoursMax, "pkmap_map_wait_arr", "last_pkmap_nr_arr")
    {
    }

    /// <inheritdoc/>
    protected override int GroupFor(Page page) => page.Number % Groups;

    /// <inheritdoc/>
    protected override int GroupOf(int slot) => slot % Groups;

    /// <inheritdoc/>
    protected override int SlotAt(int group, int place) => (place * Groups) + group;
}
