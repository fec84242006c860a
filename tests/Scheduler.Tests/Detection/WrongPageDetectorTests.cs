using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

public sealed class WrongPageDetectorTests
{
    [Fact]
    public void A_page_fault_is_found()
    {
        Run(async machine => await machine.Load(0, 1))
            .AssertFound(
                FailureClass.UseAfterUnmap,
                "task 0 uses 0xff800000 for page 1, which is not mapped there: page fault");
    }

    [Fact]
    public void A_use_after_an_unmap_and_a_flush_is_a_page_fault()
    {
        Run(async machine =>
        {
            machine.Map(0, 1);
            await machine.Load(0, 1);
            machine.Unmap(0);
            await machine.FlushAll();
            await machine.Store(0, 1, 5);
        }).AssertFound(FailureClass.UseAfterUnmap, "which is not mapped there: page fault");
    }

    [Fact]
    public void An_access_that_reaches_another_page_is_found()
    {
        Run(async machine =>
        {
            machine.Map(0, 2);
            await machine.Store(0, 1, 5);
        }).AssertFound(FailureClass.UseAfterUnmap, "task 0 uses 0xff800000 for page 1, and reaches page 2");
    }

    [Fact]
    public void An_access_that_only_an_old_translation_leads_right_is_found()
    {
        Run(async machine =>
        {
            machine.Map(0, 1);
            await machine.Load(0, 1);
            machine.Map(0, 2);
            await machine.Load(0, 1);
        }).AssertFound(FailureClass.UseAfterUnmap, "which its page table entry no longer leads to (frame 2)");
    }

    [Fact]
    public void An_access_that_an_old_translation_leads_astray_is_left_to_the_other_detector() =>
        Assert.Null(
            Run(async machine =>
            {
                machine.Map(0, 1);
                await machine.Load(0, 1);
                machine.Map(0, 2);
                await machine.Load(0, 2);
            }));

    [Fact]
    public void Reaching_the_page_that_is_meant_is_no_finding() => Assert.Null(Run(async machine =>
    {
        machine.Map(0, 1);
        await machine.Store(0, 1, 5);
        await machine.Load(0, 1);
        machine.Map(1, 2);
        await machine.Load(1, 2);
    }));

    private static Finding? Run(Func<PagedMachine, KernelTask> body) =>
        new PagedMachine([new WrongPageDetector()], body).Machine.RunToEnd().Finding;
}
