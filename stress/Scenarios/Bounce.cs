using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// Bounce buffers: a device reads into low memory, and its interrupt copies that up to where the reader wants it.
/// </summary>
/// <remarks>
/// Page 0 is the buffer, in low memory; each reader has two pages of high memory. The interrupt maps with
/// KM_BOUNCE_READ (mm/highmem.c, bounce_copy_vec()); the readers copy one to the other with copy_highpage(), through
/// KM_USER0 and KM_USER1.
/// </remarks>
[Scenario(
    "bounce",
    "an interrupt copies a bounce buffer up while tasks copy pages through two atomic mappings",
    Tasks = 2,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Rounds | SizeParts.Cpus)]
public sealed partial class Bounce<TKernel> : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    private const int Data = 7; // What the device has read; any number but 0 that is no page's mark by chance.

    private static readonly Page s_buffer = new(0);

    /// <inheritdoc/>
    public override int Interrupts(ScenarioSize size) => 1;

    /// <inheritdoc/>
    protected override int LowPagesOf(ScenarioSize size) => 1;

    /// <inheritdoc/>
    protected override int PagesOf(ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return 1 + (2 * size.Tasks) + 1;
    }

    /// <inheritdoc/>
    protected override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            var source = new Page(1 + (2 * task));
            boot.Spawn("reader", () => Worker(source));
        }

        boot.AttachInterrupt("disk irq", InterruptKind.Hard, limit: Size.RoundsMax, CopyUp);
    }

    // bounce_end_io_read(): the target is the last page, which no reader touches.
    private async KernelTask CopyUp()
    {
        var target = new Page(1 + (2 * Size.Tasks));
        // Low memory: takes no slot, whatever the type.
        VirtualAddress buffer = await Highmem.KmapAtomic(s_buffer, KmType.User1);
        await Kernel.Store(buffer, new PageFrame(s_buffer.Number), Data);
        VirtualAddress address = await Highmem.KmapAtomic(target, KmType.BounceRead);
        await Kernel.Store(
            address,
            new PageFrame(target.Number),
            await Kernel.Load(buffer, new PageFrame(s_buffer.Number)));
        int read = await Kernel.Load(address, new PageFrame(target.Number));
        if (read != Data)
            Kernel.Fail(FailureClass.Assertion, $"{target} contains {read} after {Data} was copied into it");

        await Highmem.KunmapAtomic(address, KmType.BounceRead);
        await Highmem.KunmapAtomic(buffer, KmType.User1);
    }

    private async KernelTask Worker(Page source)
    {
        var target = new Page(source.Number + 1);
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            await UseAtomically(source, KmType.User0);
            await Highmem.CopyHighpage(target, source);
            await CheckCopy(target, source);
        }
    }

    private async KernelTask CheckCopy(Page target, Page source)
    {
        VirtualAddress address = await Highmem.KmapAtomic(target, KmType.User0);
        int copied = await Kernel.Load(address, new PageFrame(target.Number));
        if (copied != source.Number + 1)
            Kernel.Fail(
                FailureClass.Assertion,
                $"{target} should contain {source.Number + 1}, the mark of {source}, and contains {copied}");

        await Highmem.KunmapAtomic(address, KmType.User0);
        Kernel.OperationDone();
    }
}
