using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>What the TLBs keep, and what empties them.</summary>
public sealed class TlbTests
{
    private const int None = -1;

    [Fact]
    public void A_translation_is_kept_from_its_first_use_on_the_cpu_that_used_it()
    {
        PagedMachine paged = Boot(MapAndUse, Use);
        Assert.Equal([None, None], Cached(paged));
        paged.Machine.Step(0, 0);
        Assert.Equal([1, None], Cached(paged));
        paged.Machine.Step(1);
        Assert.Equal([1, 1], Cached(paged));
    }

    [Fact]
    public void Changing_the_entry_changes_no_tlb()
    {
        PagedMachine paged = Boot(MapAndUse, Remap);
        paged.Machine.Step(0, 0, 1);
        Assert.Equal([1, None], Cached(paged));
        Assert.Equal(2, paged.Machine.Mmu.Entry(paged.Page(0).Index).Number);
    }

    [Fact]
    public void A_kept_translation_leads_to_the_old_frame_after_the_entry_has_changed()
    {
        int loaded = 0;
        PagedMachine paged = Boot(async machine =>
        {
            machine.Map(0, 1);
            await machine.Store(0, 1, 11);
            machine.Map(0, 2);
            loaded = await machine.Load(0, 2);
        });
        paged.Machine.RunToEnd();
        Assert.Equal(11, loaded);
    }

    [Fact]
    public void Flushing_one_page_forgets_that_page_on_this_cpu_only()
    {
        PagedMachine paged = Boot(
            async machine =>
            {
                machine.Map(0, 1);
                machine.Map(1, 2);
                await machine.Load(0, 1);
                await machine.Load(1, 2);
                machine.FlushOne(0);
            },
            Use);
        paged.Machine.Step(1);
        paged.Machine.RunAlone(0);
        Assert.Equal([None, 1], Cached(paged));
        Assert.Equal(2, paged.Cached(0, page: 1));
    }

    [Fact]
    public void A_local_flush_forgets_every_page_on_this_cpu_only()
    {
        PagedMachine paged = Boot(
            async machine =>
            {
                machine.Map(0, 1);
                machine.Map(1, 2);
                await machine.Load(0, 1);
                await machine.Load(1, 2);
                machine.FlushLocal();
            },
            Use);
        paged.Machine.Step(1);
        paged.Machine.RunAlone(0);
        Assert.Equal([None, 1], Cached(paged));
        Assert.Equal(None, paged.Cached(0, page: 1));
    }

    [Fact]
    public void A_global_flush_forgets_every_page_on_every_cpu()
    {
        PagedMachine paged = Boot(
            async machine =>
            {
                await MapAndUse(machine);
                await machine.FlushAll();
                await machine.Stop();
            },
            Use);
        paged.Machine.Step(0, 0, 1);
        Assert.Equal([1, 1], Cached(paged));
        paged.Machine.Step(0);
        Assert.Equal([None, None], Cached(paged));
    }

    [Fact]
    public void An_entry_that_maps_nothing_is_not_kept()
    {
        PagedMachine paged = Boot(async machine =>
        {
            await machine.Load(0, 1); // A page fault.
            machine.Map(0, 1);
            await machine.Store(0, 1, 5);
        });
        paged.Machine.Step(0);
        Assert.Equal([None], Cached(paged));
        paged.Machine.Step(0);
        Assert.Equal([1], Cached(paged));
        Assert.Equal([0, 5, 0, 0], paged.Contents());
    }

    [Fact]
    public void Looking_at_an_entry_fills_no_tlb()
    {
        PagedMachine paged = Boot(async machine =>
        {
            machine.Map(0, 1);
            await machine.Stop();
        });
        paged.Machine.RunToEnd();
        Assert.Equal([None], Cached(paged));
    }

    private static PagedMachine Boot(params Func<PagedMachine, KernelTask>[] bodies) => new([], bodies);

    // What each CPU keeps for the first entry.
    private static int[] Cached(PagedMachine paged) =>
        [.. Enumerable.Range(0, paged.Image.Cpus).Select(cpu => paged.Cached(cpu, page: 0))];

    private static async KernelTask MapAndUse(PagedMachine machine)
    {
        machine.Map(0, 1);
        await machine.Load(0, 1);
        await machine.Stop();
    }

    private static async KernelTask Use(PagedMachine machine)
    {
        await machine.Load(0, 1);
        await machine.Stop();
    }

    private static async KernelTask Remap(PagedMachine machine)
    {
        await machine.Stop();
        machine.Map(0, 2);
    }
}
