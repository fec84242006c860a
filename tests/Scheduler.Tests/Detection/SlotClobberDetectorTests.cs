using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>Entries 2 and 3 of the machine are slots with one user at a time.</summary>
public sealed class SlotClobberDetectorTests
{
    private const int Slot = 2;

    [Fact]
    public void A_slot_that_was_given_back_can_be_taken_again_though_its_entry_was_left() => Assert.Null(Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            machine.Release(Slot);
            machine.Map(Slot, 2);
            await machine.Stop();
            machine.Release(Slot);
        }));

    [Fact]
    public void Who_maps_into_a_slot_that_another_uses_clobbers_it() =>
        Run(
                async machine =>
                {
                    machine.Map(Slot, 1);
                    await machine.Stop();
                    await machine.Never();
                },
                async machine =>
                {
                    await machine.Stop();
                    machine.Map(Slot, 2);
                }
            )
            .AssertFound(
                FailureClass.SlotClobber,
                "task 1 maps page 2 into the slot at",
                "which task 0 still uses for page 1");

    [Fact]
    public void Who_maps_into_its_own_slot_twice_clobbers_it() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            machine.Map(Slot, 2);
        }).AssertFound(FailureClass.SlotClobber, "which it still uses itself");

    [Fact]
    public void Who_empties_a_slot_that_another_uses_clobbers_it() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            await machine.Never();
        },
        async machine =>
        {
            await machine.Stop();
            machine.Unmap(Slot);
        }).AssertFound(FailureClass.SlotClobber, "task 1 empties the slot", "which task 0 still uses for page 1");

    [Fact]
    public void Who_gives_back_what_another_uses_clobbers_it() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            await machine.Never();
        },
        async machine =>
        {
            await machine.Stop();
            machine.Release(Slot);
        }).AssertFound(FailureClass.SlotClobber, "task 1 gives back the slot", "which task 0 uses");

    [Fact]
    public void Who_gives_back_what_nobody_uses_has_counted_wrong() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            machine.Release(Slot);
            machine.Release(Slot);
        }).AssertFound(FailureClass.ReferenceCount, "task 0 unmaps the slot", "which nobody has mapped");

    [Fact]
    public void An_entry_of_an_exclusive_region_is_no_slot() => Assert.Null(Run(
        async machine =>
        {
            machine.Map(0, 1);
            await machine.Stop();
        },
        async machine =>
        {
            await machine.Stop();
            machine.Map(0, 2);
        }));

    [Fact]
    public void Who_uses_a_slot_that_it_has_given_back_uses_what_is_not_its_own_although_the_entry_was_left() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Store(Slot, 1, 5);
            machine.Release(Slot);
            await machine.Store(Slot, 1, 6);
        }).AssertFound(FailureClass.UseAfterUnmap, "task 0 uses", "for page 1, but the slot at", "has been given back");

    [Fact]
    public void Who_empties_its_own_slot_before_it_gives_it_back_clobbers_itself() => Run(
        async machine =>
        {
            machine.Map(Slot, 1);
            await machine.Stop();
            machine.Unmap(Slot);
        }).AssertFound(FailureClass.SlotClobber, "task 0 empties the slot at", "which it still uses itself for page 1");

    [Fact]
    public void Who_ends_without_giving_its_slot_back_leaks_it() =>
        Run(async machine =>
            {
                machine.Map(Slot, 1);
                await machine.Stop();
            })
            .AssertFound(
                FailureClass.Leak,
                "task 0 ends and has not given back the slot at",
                "in which page 1 is mapped");

    private static Finding? Run(params Func<PagedMachine, KernelTask>[] bodies)
    {
        var machine = new PagedMachine([new SlotClobberDetector()], bodies);
        machine.Machine.RunToEnd();
        return machine.Finding;
    }
}
