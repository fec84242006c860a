using Kmaplab.Allocator;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// The remedy that was proposed in 2002: slots are divided among levels, and who holds a mapping takes its next one
/// from the next level. Who holds one of the last level waits for nothing, so in the end somebody gives back.
/// </summary>
/// <remarks>
/// It holds for pages that tasks do not share: a page that is mapped already keeps its slot, whatever the level of
/// whoever maps it next.
/// </remarks>
[Variant(
    "pool-per-level",
    "slots are divided among two levels of nesting, each with its own wait queue",
    IsBenign = true)]
public sealed partial class PoolPerLevel<TKernel> : DividedSlots<TKernel>
    where TKernel : struct, IKernel
{
    private const int LevelsMax = 2;

    private readonly MappingsHeld<TKernel> _held;

    /// <summary>As many levels as there can be.</summary>
    public PoolPerLevel(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config, LevelsMax, "pkmap_level_wait", "last_pkmap_nr_of_level")
    {
        ArgumentNullException.ThrowIfNull(config);
        _held = new MappingsHeld<TKernel>(boot, config.Tasks, KmapLock.Number);
    }

    /// <inheritdoc/>
    protected override int GroupFor(Page page) => Math.Min(_held.Mine, Groups - 1);

    /// <inheritdoc/>
    protected override int GroupOf(int slot) => slot / SlotsEach;

    /// <inheritdoc/>
    protected override int SlotAt(int group, int place) => (group * SlotsEach) + place;

    /// <inheritdoc/>
    protected override int AddUser(int slot)
    {
        _held.Add();
        return base.AddUser(slot);
    }

    /// <inheritdoc/>
    protected override int WhomToWake(int slot, int users)
    {
        _held.Remove();
        return base.WhomToWake(slot, users);
    }
}
