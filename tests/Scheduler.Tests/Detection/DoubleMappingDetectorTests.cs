using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Detection;

public sealed class DoubleMappingDetectorTests
{
    [Fact]
    public void A_frame_at_two_addresses_is_found_with_both()
    {
        Run(machine =>
            {
                machine.Map(0, 3);
                machine.Map(1, 3);
            })
            .AssertFound(
                FailureClass.DoubleMapping,
                "page 3 is mapped at 0xff801000 while it is still mapped at 0xff800000",
                "by task 0");
    }

    [Fact]
    public void A_frame_that_moves_is_no_finding() => Assert.Null(Run(machine =>
    {
        machine.Map(0, 3);
        machine.Unmap(0);
        machine.Map(1, 3);
    }));

    [Fact]
    public void A_frame_that_another_has_replaced_can_be_mapped_elsewhere() => Assert.Null(Run(machine =>
    {
        machine.Map(0, 3);
        machine.Map(0, 2);
        machine.Map(1, 3);
    }));

    [Fact]
    public void Entering_a_frame_where_it_is_already_is_no_finding() => Assert.Null(Run(machine =>
    {
        machine.Map(0, 3);
        machine.Map(0, 3);
    }));

    [Fact]
    public void Two_frames_at_two_addresses_are_no_finding() => Assert.Null(Run(machine =>
    {
        machine.Map(0, 2);
        machine.Map(1, 3);
    }));

    [Fact]
    public void A_frame_may_be_mapped_often_where_entries_are_not_exclusive() => Assert.Null(Run(machine =>
    {
        machine.Map(0, 3);
        machine.Map(2, 3);
        machine.Map(3, 3);
    }));

    private static Finding? Run(Action<PagedMachine> changes)
    {
        var paged = new PagedMachine([new DoubleMappingDetector()], async machine =>
        {
            await machine.Stop();
            changes(machine);
        });
        return paged.Machine.RunToEnd().Finding;
    }

    [Theory]
    [InlineData(true, "double-mapping")]
    [InlineData(false, "nothing")]
    public void An_entry_that_nobody_uses_is_no_first_mapping(bool isFirstInUse, string finding)
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot =>
            {
                VirtualPage first = boot.CreateRegion(
                    "pkmap",
                    PagedMachine.Start,
                    pages: 2,
                    guard: -1,
                    exclusive: true);
                boot.DeclareInUse(first, 2, place => place != 0 || isFirstInUse);
                boot.CreateFrames(1, low: 0);
                SimulatedKernel kernel = boot.Kernel;
                boot.Spawn("test", async () =>
                {
                    kernel.SetPte(first, new PageFrame(0));
                    await kernel.FlushTlbAll();
                    kernel.SetPte(new VirtualPage(first.Index + 1), new PageFrame(0));
                });
            },
            detectors: new DoubleMappingDetector());

        Assert.Equal(finding, image.Started().RunToEnd().Finding?.Class.Name() ?? "nothing");
    }
}
