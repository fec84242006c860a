using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Threads.Memory;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Page table entries are mappings, and wrong uses of them do not end the process.</summary>
public sealed unsafe class RealMemoryTests
{
    private const int Slots = 8;
    private const int Frames = 4;

    private static readonly VirtualAddress s_window = new(0x9700_0000);

    [Fact]
    public void Two_addresses_of_one_frame_show_the_same()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(1, new PageFrame(2));
        memory.SetEntry(5, new PageFrame(2));

        memory.WordAt(1) = 42;

        Assert.Equal(42, memory.WordAt(5));
        Assert.Equal(42, *(int*)memory.PointerTo(5));
    }

    [Fact]
    public void What_is_not_mapped_shows_poison_and_takes_writes_that_nobody_sees()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(1, new PageFrame(2));
        memory.WordAt(1) = 42;

        Assert.Equal(RealMemory.Poison, memory.WordAt(0));
        memory.WordAt(0) = 7;

        Assert.Equal(42, memory.WordAt(1));
        memory.SetEntry(0, new PageFrame(3));
        Assert.Equal(0, memory.WordAt(0));
    }

    [Fact]
    public void A_cleared_entry_stays_mapped_until_the_flush()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(3, new PageFrame(1));
        memory.WordAt(3) = 42;

        memory.SetEntry(3, PageFrame.None);
        Assert.Equal(42, memory.WordAt(3));

        memory.FlushAll();
        Assert.Equal(RealMemory.Poison, memory.WordAt(3));
    }

    [Fact]
    public void A_flush_unmaps_neighbours_in_one_call_and_leaves_others_alone()
    {
        using RealMemory memory = Boot();
        for (int slot = 0; slot < Slots; slot++)
            memory.SetEntry(slot, new PageFrame(slot % Frames));

        foreach (int slot in (int[])[1, 2, 3, 6])
            memory.SetEntry(slot, PageFrame.None);

        memory.WordAt(5) = 42;
        long before = memory.Calls;
        memory.FlushAll();

        Assert.Equal(2, memory.Calls - before);
        Assert.Equal(42, memory.WordAt(5));
        Assert.All((int[])[1, 2, 3, 6], slot => Assert.Equal(RealMemory.Poison, memory.WordAt(slot)));
        memory.FlushAll();
        Assert.Equal(2, memory.Calls - before);
    }

    [Fact]
    public void One_translation_is_forgotten_alone()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(1, new PageFrame(0));
        memory.SetEntry(2, new PageFrame(0));
        memory.SetEntry(1, PageFrame.None);
        memory.SetEntry(2, PageFrame.None);
        memory.WordAt(1) = 42;

        memory.FlushOne(1);

        Assert.Equal(RealMemory.Poison, memory.WordAt(1));
        Assert.Equal(42, memory.WordAt(2));
    }

    [Fact]
    public void A_window_that_is_taken_is_elsewhere_and_says_so()
    {
        using RealMemory first = Boot();
        using RealMemory second = Boot();

        Assert.Contains("slots is mapped at 0x", second.Note, StringComparison.Ordinal);
        Assert.Contains("as 0x97000000 is taken", second.Note, StringComparison.Ordinal);
        second.SetEntry(0, new PageFrame(0));
        second.WordAt(0) = 42;
        Assert.NotEqual(42, first.WordAt(0));
    }

    [Fact]
    public void Low_memory_is_mapped_for_ever()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(0, new PageFrame(1));
        memory.WordAt(0) = 42;

        Assert.Equal(42, memory.WordAt(Slots + 1));
    }

    [Fact]
    public void A_reset_empties_frames_and_mappings()
    {
        using RealMemory memory = Boot();
        memory.SetEntry(0, new PageFrame(1));
        memory.WordAt(0) = 42;

        memory.Reset();

        Assert.Equal(RealMemory.Poison, memory.WordAt(0));
        memory.SetEntry(0, new PageFrame(1));
        Assert.Equal(0, memory.WordAt(0));
    }

    private static RealMemory Boot()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "real memory needs Linux on x86-64");
        var slots = new MappedRegion("slots", s_window, Slots, 0, Protection.None, IsExclusive: true);
        return new RealMemory(new MmuLayout([slots], Slots, 0, 0, Frames, Frames, 0));
    }
}
