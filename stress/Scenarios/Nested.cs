using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>The classical exhaustion of the pool: everybody holds some mappings and wants one more.</summary>
/// <remarks>It can deadlock if and only if tasks * (depth - 1) >= slots (A. Arcangeli, 18 January 2002).</remarks>
[Scenario(
    "nested",
    "each task holds --depth mappings of pages of its own at once",
    Tasks = 2,
    Slots = 2,
    Depth = 2,
    AnyRounds = true,
    BeginsAgain = true,
    Uses = SizeParts.Tasks | SizeParts.Slots | SizeParts.Depth | SizeParts.Rounds | SizeParts.Cpus)]
[Race(
    "nested-exhaustion",
    FailureClass.Deadlock,
    Story = """
        No bug of kmap, but of its users. Two slots, two tasks; each maps one page and, holding it, wants a second one.
        Once
        both have their first, all slots are taken, both sleep for another, and only the two sleepers could give one
        back.
        """,
    Fix = "Hold one kmap at a time, or kmap_atomic; once proposed: a pool per nesting level, and kmaps that fail "
        + "instead of sleeping.",
    Reference = "A. Arcangeli, 18 January 2002, and 20 February 2003 (NFS maps all pages of a request)")]
public sealed partial class Nested<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override int PagesOf(ScenarioSize size) => size.Tasks * size.Depth;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            var first = new Page(task * Size.Depth);
            boot.Spawn("nested", () => Worker(first));
        }

        boot.DeclareInterchangeable(firstTask: 0, Size.Tasks, firstPage: 0, Size.Depth);
    }

    private async KernelTask Worker(Page first)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await HoldFrom(first, Size.Depth);
    }

    // One level maps a page and holds it while the levels above do the same.
    private async KernelTask HoldFrom(Page page, int levels)
    {
        VirtualAddress address = await Map(page);
        if (levels > 1)
            await HoldFrom(new Page(page.Number + 1), levels - 1);

        await Use(address, page);
        await Unmap(page);
    }
}
