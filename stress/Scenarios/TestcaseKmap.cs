using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// A test module's classical exercise: a page from ZONE_HIGHMEM, a string written into it, read back, and all given
/// back.
/// </summary>
[Scenario(
    "testcase-kmap",
    "each task allocates a highmem page, maps it, writes a string, reads it back, unmaps and frees it",
    Tasks = 2,
    Slots = 512,
    Pages = 2,
    Rounds = 1,
    AnyRounds = true,
    BeginsAgain = true)]
public sealed partial class TestcaseKmap<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    // A page's contents are one word: four letters.
    private const int Text = 'k' | ('m' << 8) | ('a' << 16) | ('p' << 24);

    private HighmemZone<TKernel> _zone = null!;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        _zone = new HighmemZone<TKernel>(boot, first: 0, Size.Pages);
        for (int task = 0; task < Size.Tasks; task++)
            boot.Spawn("testcase", Worker);
    }

    private async KernelTask Worker()
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await WriteAndReadBack();
    }

    private async KernelTask WriteAndReadBack()
    {
        Page page = await _zone.AllocPage();
        if (page.IsNone)
            return; // -ENOMEM: all pages are with other tasks, and this one can do without.

        VirtualAddress address = await Map(page);
        await Kernel.Store(address, new PageFrame(page.Number), Text);
        int read = await Kernel.Load(address, new PageFrame(page.Number));
        if (read != Text)
            Kernel.Fail(FailureClass.Assertion, $"the string in {page} at {address} reads back as 0x{read:x8}");

        await Unmap(page);
        await _zone.FreePage(page);
    }
}
