using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator.Tests;

/// <summary>kmap_atomic and its companions, with all their quirks.</summary>
public sealed class AtomicKmapTests
{
    private static readonly Page s_high = AtomicMachine.High;

    [Fact]
    public void Each_CPU_has_its_own_slot_for_a_type()
    {
        var addresses = new VirtualAddress[2];
        async KernelTask Map(AtomicMachine machine) =>
            addresses[machine.Kernel.CurrentCpu.Number] = await machine.Port.KmapAtomic(s_high, KmType.User0);

        new AtomicMachine(debug: false, Map, Map).Run();

        // FIXADDR_TOP - ((FIX_KMAP_BEGIN + 3) << 12), and 13 types further down for CPU 1.
        Assert.Equal([new(0xffff_a000), new(0xfffe_d000)], addresses);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Low_memory_raises_the_preempt_count_and_takes_no_slot(bool debug)
    {
        AtomicMachine machine = new AtomicMachine(debug, async machine =>
            await machine.Port.KmapAtomic(AtomicMachine.Low, KmType.User0)
        ).Run();

        Assert.Equal(1, machine.PreemptCount(0));
        Assert.All(Enumerable.Range(0, machine.Port.Fixmap.KmapEntries), index =>
            Assert.True(machine.Port.AtomicEntry(index).IsNone));
    }

    [Fact]
    public void Mapping_a_type_twice_is_a_BUG_with_checks()
    {
        AtomicMachine machine = new AtomicMachine(debug: true, MapTwice).Run();

        Assert.Equal(["kmap_atomic:slot_busy"], machine.Bugs);
        Assert.Equal(2, machine.PreemptCount(0));
    }

    [Fact]
    public void Mapping_a_type_twice_without_checks_leaves_the_second_page()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, MapTwice).Run();

        Assert.Empty(machine.Bugs);
        Assert.Equal(new PageFrame(AtomicMachine.OtherHigh.Number), machine.Port.AtomicEntry((int)KmType.User0));
    }

    [Fact]
    public void Mapping_a_frame_overwrites_a_slot_in_use_even_with_checks()
    {
        AtomicMachine machine = new AtomicMachine(debug: true, async machine =>
        {
            await machine.Port.KmapAtomic(s_high, KmType.User0);
            await machine.Port.KmapAtomicPfn(new PageFrame(AtomicMachine.Low.Number), KmType.User0);
        }).Run();

        Assert.Empty(machine.Bugs);
        Assert.Equal(
            new PageFrame(AtomicMachine.Low.Number),
            machine.Port.AtomicEntry(KmTypes.NumberOf(KmType.User0, true)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Only_the_checks_empty_a_slot(bool debug, bool emptied)
    {
        AtomicMachine machine = new AtomicMachine(debug, MapAndUnmap).Run();

        Assert.Equal(emptied, machine.Port.AtomicEntry(KmTypes.NumberOf(KmType.User0, debug)).IsNone);
        Assert.Equal(0, machine.PreemptCount(0));
    }

    [Fact]
    public void Without_checks_nobody_looks_what_is_unmapped()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, machine =>
            machine.Port.KunmapAtomic(new VirtualAddress(1), KmType.Irq1)
        ).Run();

        Assert.Empty(machine.Bugs);
        Assert.Equal(-1, machine.PreemptCount(0));
    }

    [Theory]
    [InlineData(KmType.User1)]
    [InlineData(KmType.Irq0)]
    public void Unmapping_another_type_is_a_BUG_with_checks(KmType type)
    {
        AtomicMachine machine = new AtomicMachine(debug: true, async machine =>
        {
            VirtualAddress address = await machine.Port.KmapAtomic(s_high, KmType.User0);
            await machine.Port.KunmapAtomic(address, type);
        }).Run();

        Assert.Equal(["kunmap_atomic:wrong_slot"], machine.Bugs);
    }

    [Theory]
    [InlineData(0x9600_1000)] // Of kmap().
    [InlineData(0xc100_0020)] // Of a struct page.
    public void An_address_below_the_fixmap_passes_for_low_memory_even_with_checks(uint address)
    {
        AtomicMachine machine = new AtomicMachine(debug: true, machine =>
            machine.Port.KunmapAtomic(new VirtualAddress(address), KmType.User0)
        ).Run();

        Assert.Empty(machine.Bugs);
        Assert.Equal(-1, machine.PreemptCount(0));
    }

    [Fact]
    public void Any_address_within_the_page_unmaps_it()
    {
        AtomicMachine machine = new AtomicMachine(debug: true, async machine =>
        {
            VirtualAddress address = await machine.Port.KmapAtomic(s_high, KmType.User0);
            await machine.Port.KunmapAtomic(new VirtualAddress(address.Value + 4095), KmType.User0);
        }).Run();

        Assert.Empty(machine.Bugs);
        Assert.True(machine.Port.AtomicEntry(KmTypes.NumberOf(KmType.User0, true)).IsNone);
    }

    [Fact]
    public void A_slot_used_again_leads_to_the_new_page_although_the_old_one_was_never_unmapped()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, async machine =>
        {
            await MapUseUnmap(machine, s_high);
            await MapUseUnmap(machine, AtomicMachine.OtherHigh);
        }).Run();

        Assert.Null(machine.Finding);
    }

    [Fact]
    public void Two_tasks_of_one_CPU_never_meet_in_a_slot_as_neither_can_be_preempted()
    {
        var config = new KmapConfig(MemoryMap.Create(3, low: 1), new PkmapLayout(PkmapLayout.DefaultBase, 2))
        {
            Fixmap = Fixmap.Create(1, debugHighmem: true),
        };
        AtomicMachine machine = new AtomicMachine(
            config,
            cpus: 1,
            machine => MapUseUnmap(machine, s_high),
            machine => MapUseUnmap(machine, AtomicMachine.OtherHigh)).Run();

        Assert.Null(machine.Finding);
        Assert.Empty(machine.Bugs);
    }

    [Theory]
    [InlineData(0xc000_2000, 2)] // Low memory.
    [InlineData(0x9600_0000, 0xd6000)] // Of kmap(): the wrong answer.
    [InlineData(0xffff_e000, 0)] // The fixmap, but nothing is there.
    public void The_page_of_an_address_is_arithmetic_below_the_fixmap(uint address, int page)
    {
        Page found = Page.None;
        new AtomicMachine(debug: false, machine =>
        {
            found = machine.Port.KmapAtomicToPage(new VirtualAddress(address));
            return default;
        }).Run();

        Assert.Equal(new Page(page), found);
    }

    [Fact]
    public void The_page_of_an_atomic_mapping_is_the_one_in_its_slot()
    {
        Page found = Page.None;
        new AtomicMachine(debug: false, async machine =>
        {
            VirtualAddress address = await machine.Port.KmapAtomic(s_high, KmType.Pte0);
            found = machine.Port.KmapAtomicToPage(new VirtualAddress(address.Value + 77));
        }).Run();

        Assert.Equal(s_high, found);
    }

    [Fact]
    public void The_page_of_an_address_above_the_fixmap_is_a_BUG()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, machine =>
        {
            machine.Port.KmapAtomicToPage(machine.Port.Fixmap.Top);
            return default;
        }).Run();

        Assert.Equal(["kmap_atomic_to_page:out_of_range"], machine.Bugs);
    }

    [Fact]
    public void A_machine_without_a_fixmap_says_how_to_get_one()
    {
        var config = new KmapConfig(MemoryMap.Create(3, low: 1), new PkmapLayout(PkmapLayout.DefaultBase, 2));
        var machine = new AtomicMachine(config, cpus: 0, MapAndUnmap);

        Assert.Contains("KmapConfig.Fixmap", Assert.Throws<KernelMisuseException>(machine.Run).Message);
    }

    private static async KernelTask MapTwice(AtomicMachine machine)
    {
        await machine.Port.KmapAtomic(s_high, KmType.User0);
        await machine.Port.KmapAtomic(AtomicMachine.OtherHigh, KmType.User0);
    }

    private static async KernelTask MapAndUnmap(AtomicMachine machine)
    {
        VirtualAddress address = await machine.Port.KmapAtomic(s_high, KmType.User0);
        await machine.Port.KunmapAtomic(address, KmType.User0);
    }

    private static async KernelTask MapUseUnmap(AtomicMachine machine, Page page)
    {
        VirtualAddress address = await machine.Port.KmapAtomic(page, KmType.User0);
        await machine.Kernel.Store(address, new PageFrame(page.Number), page.Number);
        Assert.Equal(page.Number, await machine.Kernel.Load(address, new PageFrame(page.Number)));
        await machine.Port.KunmapAtomic(address, KmType.User0);
    }
}
