using Kmaplab.Allocator.Lowmem;
using Kmaplab.Allocator.Memory;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Allocator.Tests;

/// <summary>What is there in which release, and in a kernel without high memory.</summary>
public sealed class KernelReleaseTests
{
    [Theory]
    [InlineData("2.6.12", false)]
    [InlineData("2.6.12.6", false)]
    [InlineData("2.6.13", true)]
    [InlineData("2.6.13.1", true)]
    [InlineData("2.6.15", true)]
    public void Frames_can_be_mapped_from_2_6_13_on(string release, bool has) =>
        Assert.Equal(has, KernelRelease.Parse(release).HasKmapAtomicPfn);

    [Fact]
    public void Mapping_a_frame_before_2_6_13_says_since_when_it_can_be_done()
    {
        var config = new KmapConfig(MemoryMap.Create(3, low: 1), new PkmapLayout(PkmapLayout.DefaultBase, 2))
        {
            Fixmap = Fixmap.Create(cpus: 1),
            Release = KernelRelease.Parse("2.6.12.3"),
        };
        var machine = new AtomicMachine(config, cpus: 0, async machine =>
            await machine.Port.KmapAtomicPfn(new PageFrame(1), KmType.User0));

        Assert.Equal(
            "task 0 (test), in KmapAtomicPfn() of AtomicKmaps: Linux 2.6.12.3 has no kmap_atomic_pfn(); it is there "
            + "from 2.6.13 on",
            Assert.Throws<KernelMisuseException>(machine.Run).Message);
    }

    [Fact]
    public void An_unknown_release_is_told_which_ones_there_are() =>
        Assert.Equal(
            "there is no port of Linux '2.6.16', only of 2.6.12, 2.6.12.1, 2.6.12.2, 2.6.12.3, 2.6.12.4, 2.6.12.5, "
            + "2.6.12.6, 2.6.13, 2.6.13.1, 2.6.14, 2.6.15",
            Assert.Throws<FormatException>(() => KernelRelease.Parse("2.6.16")).Message);

    [Fact]
    public void The_13_types_count_27_with_a_fence_in_front_of_each()
    {
        Assert.Equal(13, KmTypes.Count(debugHighmem: false));
        Assert.Equal(27, KmTypes.Count(debugHighmem: true));
        Assert.Equal(Enumerable.Range(0, 13), KmTypes.All.Select(type => KmTypes.NumberOf(type, debugHighmem: false)));
        Assert.All(KmTypes.All, type => Assert.Equal(1, KmTypes.NumberOf(type, debugHighmem: true) % 2));
    }

    [Fact]
    public void Without_high_memory_an_atomic_mapping_counts_nothing()
    {
        AtomicMachine machine = new AtomicMachine(debug: false, machine =>
        {
            var kmaps = new LowmemKmaps<SimulatedKernel>(
                machine.Kernel,
                MemoryMap.Create(3, low: 3),
                KernelRelease.Latest);
            VirtualAddress address = kmaps.KmapAtomic(new Page(2), KmType.User0);
            Assert.Equal(new VirtualAddress(0xc000_2000), address);
            Assert.Equal(address, kmaps.Kmap(new Page(2)));
            Assert.Equal(address, kmaps.KmapAtomicPfn(new PageFrame(2), KmType.User0));
            Assert.Equal(new Page(2), kmaps.KmapAtomicToPage(address));
            kmaps.KunmapAtomic(address, KmType.User0);
            kmaps.Kunmap(new Page(2));
            return default;
        }).Run();

        Assert.Equal(0, machine.PreemptCount(0));
    }
}
