using Kmaplab.Allocator.Lowmem;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Allocator.Tests;

/// <summary>Clearing and copying whole pages, with high memory and without.</summary>
public sealed class HighPageTests
{
    private const int Abcd = 'A' | ('B' << 8) | ('C' << 16) | ('D' << 24);

    private static readonly Page s_high = AtomicMachine.High;
    private static readonly Page s_other = AtomicMachine.OtherHigh;
    private static readonly VirtualAddress s_user = new(0x0804_8000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cleared_page_is_empty_and_its_slot_free_to_be_used_again(bool debug)
    {
        int[] contents = [-1, -1];
        AtomicMachine machine = new AtomicMachine(debug, async machine =>
        {
            await Write(machine, s_high, Abcd);
            await machine.Port.ClearHighpage(s_high);
            int read0 = await Read(machine, s_high);
            contents[0] = read0;
            await Write(machine, s_high, Abcd);
            await machine.Port.ClearUserHighpage(s_high, s_user);
            int read1 = await Read(machine, s_high);
            contents[1] = read1;
        }).Run();

        Assert.Equal([0, 0], contents);
        AssertClean(machine);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copied_page_has_the_contents_of_the_other(bool debug)
    {
        int[] contents = [-1, -1];
        AtomicMachine machine = new AtomicMachine(debug, async machine =>
        {
            await Write(machine, s_high, Abcd);
            await machine.Port.CopyHighpage(s_other, s_high);
            int read0 = await Read(machine, s_other);
            contents[0] = read0;
            await machine.Port.CopyUserHighpage(AtomicMachine.Low, s_other, s_user);
            int read1 = await Read(machine, AtomicMachine.Low);
            contents[1] = read1;
        }).Run();

        Assert.Equal([Abcd, Abcd], contents);
        AssertClean(machine);
    }

    [Fact]
    public void A_copy_reads_through_USER0_and_writes_through_USER1()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, machine =>
            machine.Port.CopyHighpage(s_other, s_high)
        ).Run();

        Assert.Equal(new PageFrame(s_high.Number), machine.Port.AtomicEntry((int)KmType.User0));
        Assert.Equal(new PageFrame(s_other.Number), machine.Port.AtomicEntry((int)KmType.User1));
    }

    [Theory]
    [InlineData(0, 4096, 0)]
    [InlineData(0, 0, Abcd)]
    [InlineData(1, 2, 'A' | ('D' << 24))]
    [InlineData(3, 4093, Abcd & 0xff_ffff)]
    [InlineData(4, 4092, Abcd)]
    [InlineData(4096, 0, Abcd)]
    public void Clearing_a_part_leaves_the_rest(int offset, int size, int expected)
    {
        int contents = -1;
        AtomicMachine machine = new AtomicMachine(debug: true, async machine =>
        {
            await Write(machine, s_high, Abcd);
            await machine.Port.MemclearHighpageFlush(s_high, offset, size);
            contents = await Read(machine, s_high);
        }).Run();

        Assert.Equal(expected, contents);
        AssertClean(machine);
    }

    [Theory]
    [InlineData(0, 4097)]
    [InlineData(4096, 1)]
    [InlineData(1, 4096)]
    [InlineData(-1, 1)]
    public void Clearing_beyond_the_page_is_a_BUG_before_anything_is_mapped(int offset, int size)
    {
        AtomicMachine machine = new AtomicMachine(debug: false, machine =>
            machine.Port.MemclearHighpageFlush(s_high, offset, size)
        ).Run();

        Assert.Equal(["memclear_highpage_flush:out_of_range"], machine.Bugs);
        Assert.Equal(0, machine.PreemptCount(0));
        Assert.True(machine.Port.AtomicEntry((int)KmType.User0).IsNone);
    }

    [Fact]
    public void Clearing_a_page_while_USER0_is_mapped_is_a_BUG_with_checks()
    {
        AtomicMachine machine = new AtomicMachine(debug: true, async machine =>
        {
            await machine.Port.KmapAtomic(s_other, KmType.User0);
            await machine.Port.ClearHighpage(s_high);
        }).Run();

        Assert.Equal(["kmap_atomic:slot_busy"], machine.Bugs);
    }

    [Fact]
    public void Clearing_a_page_while_USER0_is_mapped_takes_the_mapping_away_without_checks()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, async machine =>
        {
            VirtualAddress address = await machine.Port.KmapAtomic(s_other, KmType.User0);
            await machine.Port.ClearHighpage(s_high);
            await machine.Kernel.Store(address, new PageFrame(s_other.Number), Abcd);
        }).Run();

        Assert.Empty(machine.Bugs);
        Assert.Equal(new PageFrame(s_high.Number), machine.Port.AtomicEntry((int)KmType.User0));
    }

    [Fact]
    public void Without_high_memory_the_same_is_done_through_the_address_that_every_page_has()
    {
        int[] contents = new int[5];
        AtomicMachine machine = LowMachine(async (machine, kmaps) =>
        {
            VirtualAddress address = kmaps.Kmap(AtomicMachine.Low);
            await machine.Kernel.Store(address, new PageFrame(0), Abcd);
            await kmaps.MemclearHighpageFlush(AtomicMachine.Low, 0, 1);
            int read0 = await machine.Kernel.Load(address, new PageFrame(0));
            contents[0] = read0;
            await kmaps.CopyHighpage(new Page(1), AtomicMachine.Low);
            int read1 = await machine.Kernel.Load(kmaps.Kmap(new Page(1)), new PageFrame(1));
            contents[1] = read1;
            await kmaps.CopyUserHighpage(new Page(2), new Page(1), s_user);
            int read2 = await machine.Kernel.Load(kmaps.Kmap(new Page(2)), new PageFrame(2));
            contents[2] = read2;
            await kmaps.ClearHighpage(new Page(1));
            int read3 = await machine.Kernel.Load(kmaps.Kmap(new Page(1)), new PageFrame(1));
            contents[3] = read3;
            await kmaps.ClearUserHighpage(new Page(2), s_user);
            int read4 = await machine.Kernel.Load(kmaps.Kmap(new Page(2)), new PageFrame(2));
            contents[4] = read4;
        }).Run();

        int bcd = Abcd & ~0xff;
        Assert.Equal([bcd, bcd, bcd, 0, 0], contents);
        AssertClean(machine);
    }

    [Fact]
    public void Without_high_memory_clearing_beyond_the_page_is_a_BUG_too() => Assert.Equal(
        ["memclear_highpage_flush:out_of_range"],
        LowMachine((_, kmaps) => kmaps.MemclearHighpageFlush(AtomicMachine.Low, 4000, 97)).Run().Bugs);

    private static AtomicMachine LowMachine(Func<AtomicMachine, LowmemKmaps<SimulatedKernel>, KernelTask> body)
    {
        var config = new KmapConfig(MemoryMap.Create(3, low: 3), new PkmapLayout(PkmapLayout.DefaultBase, 2));
        return new AtomicMachine(config, cpus: 0, machine =>
            body(machine, new LowmemKmaps<SimulatedKernel>(machine.Kernel, config.Pages, config.Release)));
    }

    private static void AssertClean(AtomicMachine machine)
    {
        Assert.Empty(machine.Bugs);
        Assert.Null(machine.Finding);
        Assert.Equal(0, machine.PreemptCount(0));
    }

    private static async KernelTask Write(AtomicMachine machine, Page page, int contents)
    {
        VirtualAddress address = await machine.Port.KmapAtomic(page, KmType.Pte0);
        await machine.Kernel.Store(address, new PageFrame(page.Number), contents);
        await machine.Port.KunmapAtomic(address, KmType.Pte0);
    }

    private static async KernelTask<int> Read(AtomicMachine machine, Page page)
    {
        VirtualAddress address = await machine.Port.KmapAtomic(page, KmType.Pte0);
        int contents = await machine.Kernel.Load(address, new PageFrame(page.Number));
        await machine.Port.KunmapAtomic(address, KmType.Pte0);
        return contents;
    }
}
