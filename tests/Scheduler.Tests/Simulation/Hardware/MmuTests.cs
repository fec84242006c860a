using CsCheck;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>Where addresses lead.</summary>
public sealed class MmuTests
{
    [Fact]
    public void A_write_reaches_the_mapped_frame_and_no_other() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, PagedMachine.Frames - 1], Gen.Int).Sample((page, frame, value) =>
        {
            PagedMachine paged = Boot(async machine =>
            {
                machine.Map(page, frame);
                await machine.Store(page, frame, value);
            });
            paged.Machine.RunToEnd();
            int[] expected = new int[PagedMachine.Frames];
            expected[frame] = value;
            Assert.Equal(expected, paged.Contents());
        });

    [Fact]
    public void What_is_written_through_one_address_is_read_through_another_of_the_same_frame()
    {
        int read = 0;
        PagedMachine paged = Boot(async machine =>
        {
            machine.Map(0, 3);
            machine.Map(2, 3);
            await machine.Store(0, 3, 42);
            read = await machine.Load(2, 3);
        });
        paged.Machine.RunToEnd();
        Assert.Equal(42, read);
    }

    [Fact]
    public void A_page_fault_reads_0_and_writes_nothing()
    {
        int read = -1;
        PagedMachine paged = Boot(async machine =>
        {
            await machine.Store(0, 1, 9);
            read = await machine.Load(0, 1);
        });
        paged.Machine.RunToEnd();
        Assert.Equal(0, read);
        Assert.Equal(new int[PagedMachine.Frames], paged.Contents());
    }

    [Fact]
    public void Low_memory_is_mapped_for_ever()
    {
        SimulatedKernel kernel = default;
        PagedMachine paged = Boot(async _ =>
            await kernel.Store(MmuTable.LowAddress(new PageFrame(0)), new PageFrame(0), 7));
        Assert.Null(paged.Machine.RunToEnd().Finding);
        Assert.Equal([7, 0, 0, 0], paged.Contents());
    }

    [Fact]
    public void High_memory_has_no_address_of_its_own() =>
        Faults(MmuTable.LowAddress(new PageFrame(1)), "task 0 uses 0xc0001000 for page 1, which is not mapped there");

    [Fact]
    public void An_address_that_nothing_is_ever_mapped_at_kills_the_task()
    {
        Faults(VirtualAddress.Null, "uses NULL for page 1, which is not mapped there");
        Faults(
            new VirtualAddress(PagedMachine.Start.Value - 1),
            "uses 0xff7fffff for page 1, which is not mapped there");
        Faults(
            new VirtualAddress(PagedMachine.Start.Value + (2 << 12)),
            "uses 0xff802000 for page 1, which is not mapped there");
    }

    [Fact]
    public void Every_byte_of_a_page_leads_to_the_same_entry() =>
        Gen.Select(Gen.Int[0, 3], Gen.UInt[0, 4095]).Sample((page, offset) =>
        {
            PagedMachine paged = Boot(async machine => await machine.Stop());
            var address = new VirtualAddress(paged.Address(page).Value + offset);
            return paged.Machine.Mmu.PlaceOf(address) == paged.Page(page).Index;
        });

    private static PagedMachine Boot(params Func<PagedMachine, KernelTask>[] bodies) => new([], bodies);

    private static void Faults(VirtualAddress address, string code)
    {
        SimulatedKernel kernel = default;
        PagedMachine paged = Boot(async _ => await kernel.Load(address, new PageFrame(1)));
        paged.Finding.AssertFound(FailureClass.UseAfterUnmap, code);
        Assert.Equal(ContextStatus.Dead, paged.Machine.Tasks.Status(0));
    }
}
