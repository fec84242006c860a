using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

public sealed class StaleTlbDetectorTests
{
    [Fact]
    public void A_use_of_a_translation_older_than_the_entry_is_found_with_the_cpu_that_kept_it()
    {
        var paged = new PagedMachine(
            [new StaleTlbDetector()],
            UseThenUseTheNewFrame,
            FlushWith(machine => machine.FlushLocal()));
        paged.Machine.Step(0, 1, 0);
        paged.Finding.AssertFound(
            FailureClass.StaleTlb,
            "task 0 uses 0xff800000 for page 2, but CPU 0 still has page 1 in its TLB (the page table says frame 2)");
    }

    [Fact]
    public void A_global_flush_after_the_change_makes_it_right()
    {
        var paged = new PagedMachine([new StaleTlbDetector()], UseThenUseTheNewFrame, async machine =>
        {
            machine.Map(0, 1);
            await machine.Stop();
            machine.Map(0, 2);
            await machine.FlushAll();
        });
        paged.Machine.Step(0, 1, 1, 0);
        Assert.Null(paged.Finding);
    }

    [Fact]
    public void A_flush_of_the_cpu_that_uses_the_page_makes_it_right()
    {
        var paged = new PagedMachine([new StaleTlbDetector()], async machine =>
        {
            machine.Map(0, 1);
            await machine.Load(0, 1);
            machine.Map(0, 2);
            machine.FlushOne(0);
            await machine.Load(0, 2);
        });
        Assert.Null(paged.Machine.RunToEnd().Finding);
    }

    [Fact]
    public void A_cpu_that_has_not_used_the_page_sees_the_new_entry()
    {
        var paged = new PagedMachine(
            [new StaleTlbDetector()],
            UseThenUseTheNewFrame,
            FlushWith(_ => { }),
            async machine => await machine.Load(0, 2));
        paged.Machine.Step(0, 1, 2);
        Assert.Null(paged.Finding);
    }

    [Fact]
    public void A_page_fault_is_left_to_the_other_detector()
    {
        var paged = new PagedMachine([new StaleTlbDetector()], async machine => await machine.Load(0, 1));
        Assert.Null(paged.Machine.RunToEnd().Finding);
    }

    private static async KernelTask UseThenUseTheNewFrame(PagedMachine machine)
    {
        machine.Map(0, 1);
        await machine.Load(0, 1);
        await machine.Load(0, 2);
    }

    // The entry changes on CPU 1.
    private static Func<PagedMachine, KernelTask> FlushWith(Action<PagedMachine> flush) => async machine =>
    {
        await machine.Stop();
        machine.Map(0, 2);
        flush(machine);
    };
}
