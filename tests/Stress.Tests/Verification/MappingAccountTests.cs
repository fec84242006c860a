using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// The account of mappings, atomic and permanent, and of free pages: what is wrong is found where it happens, what is
/// right is left alone.
/// </summary>
public sealed class MappingAccountTests
{
    [Fact]
    public void The_ports_own_kmap_and_kunmap_are_accounted_for() => AssertFine(
        async s =>
        {
            VirtualAddress address = await s.Port0.Kmap(new Page(0));
            await s.UseIt(address, 0);
            await s.Port0.Kunmap(new Page(0));
        },
        async s => await s.All(1));

    [Fact]
    public void A_kunmap_by_the_ports_door_of_what_Map_has_mapped_is_right() => AssertFine(async s =>
    {
        await s.MapIt(1);
        await s.Port0.Kunmap(new Page(1));
    });

    [Fact]
    public void What_tasks_map_by_kmap_high_itself_is_accounted_for() => AssertFine(
        async s =>
        {
            VirtualAddress address = await s.Port0.KmapHigh(new Page(1));
            await s.UseIt(address, 1);
            await s.Port0.KunmapHigh(new Page(1));
        },
        async s =>
        {
            await s.MapIt(2);
            await s.Port0.KunmapHigh(new Page(2));
            await s.Port0.KmapHigh(new Page(1));
            await s.UnmapIt(1);
        });

    [Fact]
    public void What_a_task_has_mapped_by_kmap_high_itself_and_keeps_is_a_leak() =>
        AssertFound(FailureClass.Leak, "task 0 has ended with 1 mapping of page 1", async s =>
            await s.Port0.KmapHigh(new Page(1)));

    [Fact]
    public void A_use_after_kunmap_is_found_although_the_mapping_is_still_there() =>
        AssertFound(FailureClass.UseAfterUnmap, "uses 0x96000000 for page 1, which everybody has unmapped", async s =>
        {
            VirtualAddress address = await s.MapIt(1);
            await s.UnmapIt(1);
            await s.UseIt(address, 1);
        });

    [Fact]
    public void An_address_may_be_lent_as_long_as_its_mapping_is_held() => AssertFine(
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
            await s.Flag.Await(2);
            await s.UnmapIt(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.UseIt(PkmapLayout.DefaultBase, 1);
            await s.Flag.WriteOnce(2);
        });

    [Fact]
    public void An_address_that_was_lent_and_is_used_after_its_owners_kunmap_is_found() => AssertFound(
        FailureClass.UseAfterUnmap,
        "task 1 uses 0x96000000 for page 1, which everybody has unmapped",
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
            await s.UnmapIt(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.UseIt(PkmapLayout.DefaultBase, 1);
        });

    [Fact]
    public void A_mapping_may_change_hands_while_the_mapper_lives() => AssertFine(
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
            await s.Flag.Await(2);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.UnmapIt(1);
            await s.Flag.WriteOnce(2);
        });

    [Fact]
    public void A_mapping_may_change_hands_when_both_have_mapped_the_page() => AssertFine(
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.MapIt(1);
            await s.UnmapIt(1);
            await s.UnmapIt(1);
        });

    [Fact]
    public void A_mapping_may_be_handed_over_by_name() => AssertFine(
        async s =>
        {
            await s.MapIt(1);
            s.Give(1, 1);
            await s.Flag.WriteOnce(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.UnmapIt(1);
        });

    [Fact]
    public void A_kunmap_of_what_nobody_has_mapped_is_found_at_that_call() =>
        AssertFound(FailureClass.ReferenceCount, "kunmap of page 0, which nobody has mapped, in task 0", async s =>
        {
            await s.All(0);
            await s.Port0.Kunmap(new Page(0));
        });

    [Fact]
    public void Who_took_a_mapping_away_is_named_when_its_owner_misses_it() => AssertFound(
        FailureClass.ReferenceCount,
        "task 1 has unmapped it without having mapped it",
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
            await s.Flag.Await(2);
            await s.UnmapIt(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.UnmapIt(1);
            await s.Flag.WriteOnce(2);
        });

    [Fact]
    public void Low_memory_may_be_mapped_atomically_and_unmapped() => AssertFine(async s =>
    {
        VirtualAddress address = await s.Port0.KmapAtomic(new Page(0), KmType.User0);
        await s.UseIt(address, 0);
        await s.Port0.KunmapAtomic(address, KmType.User0);
    });

    [Fact]
    public void Atomic_mappings_of_two_types_may_nest() => AssertFine(async s =>
    {
        VirtualAddress first = await s.Port0.KmapAtomic(new Page(1), KmType.User0);
        VirtualAddress second = await s.Port0.KmapAtomic(new Page(2), KmType.User1);
        await s.UseIt(second, 2);
        await s.UseIt(first, 1);
        await s.Port0.KunmapAtomic(second, KmType.User1);
        await s.Port0.KunmapAtomic(first, KmType.User0);
    });

    [Theory]
    [InlineData(0u)]
    [InlineData(0xc000_0000u)] // Page 0 is low memory, but was not mapped.
    [InlineData(0xc000_1000u)] // Page 1 is high memory.
    [InlineData(0xffff_f000u)]
    public void A_kunmap_atomic_without_kmap_atomic_is_found_at_that_call(uint address) =>
        AssertFound(FailureClass.ReferenceCount, "in kunmap_atomic", async s =>
            await s.Port0.KunmapAtomic(new VirtualAddress(address), KmType.User0));

    [Fact]
    public void A_slot_that_is_not_given_back_is_a_leak_and_is_named() =>
        AssertFound(
            FailureClass.Leak,
            "task 0 ends and has not given back slot KM_USER0 of CPU 0, in which page 1 is mapped",
            async s =>
            {
                await s.Port0.KmapAtomic(new Page(1), KmType.User0);
            }
        );

    [Fact]
    public void A_use_after_kunmap_atomic_is_found() => AssertFound(
        FailureClass.UseAfterUnmap, "slot KM_USER1 of CPU 0 has been given back", async s =>
        {
            VirtualAddress address = await s.Port0.KmapAtomic(new Page(1), KmType.User1);
            await s.Port0.KunmapAtomic(address, KmType.User1);
            await s.UseIt(address, 1);
        });

    [Fact]
    public void A_slot_that_a_task_has_ended_with_is_the_cause_of_the_sleep_of_another() => AssertFound(
        FailureClass.Leak,
        "slot 0 is held by task 0, which has ended",
        async s =>
        {
            await s.MapIt(1);
            await s.Flag.WriteOnce(1);
        },
        async s =>
        {
            await s.Flag.Await(1);
            await s.All(2);
        });

    [Fact]
    public void A_page_that_is_freed_after_its_last_use_is_right() => AssertFine(Allocate, Allocate);

    [Fact]
    public void A_page_that_is_used_after_it_was_freed_is_found() =>
        AssertFound(FailureClass.UseAfterFree, "uses page 3", async s =>
        {
            Page page = await s.Zone.AllocPage();
            VirtualAddress address = await s.Port0.Kmap(page);
            await s.Zone.FreePage(page);
            await s.UseIt(address, page.Number);
            await s.Port0.Kunmap(page);
        });

    [Fact]
    public void A_page_that_is_freed_twice_is_found() =>
        AssertFound(FailureClass.UseAfterFree, "free_page of page 3, which is free already", async s =>
        {
            Page page = await s.Zone.AllocPage();
            await s.Zone.FreePage(page);
            await s.Zone.FreePage(page);
        });

    [Fact]
    public void A_descriptor_that_is_given_out_twice_freed_twice_or_used_when_free_is_found()
    {
        AssertFound(FailureClass.UseAfterFree, "descriptor 1 is given out, and is allocated already", async s =>
        {
            s.Descriptors.Allocate(1);
            await s.Flag.ReadOnce();
            s.Descriptors.Allocate(1);
        });
        AssertFound(FailureClass.UseAfterFree, "descriptor 0 is used, and is not allocated", async s =>
        {
            await s.Flag.ReadOnce();
            s.Descriptors.Use(0);
        });
        AssertFound(FailureClass.UseAfterFree, "descriptor 0 is freed, and is not allocated", async s =>
        {
            s.Descriptors.Allocate(0);
            await s.Flag.ReadOnce();
            s.Descriptors.Free(0);
            s.Descriptors.Free(0);
        });
        AssertFine(async s =>
        {
            s.Descriptors.Allocate(0);
            await s.Flag.ReadOnce();
            s.Descriptors.Use(0);
            s.Descriptors.Free(0);
        });
    }

    [Theory]
    [InlineData(5, "task 0 calls kmap() of page 5: page 5 does not exist: the scenario has 5 pages")]
    [InlineData(-1, "task 0 calls kmap() of no page")]
    public void A_page_that_does_not_exist_is_refused_with_task_and_call(int page, string message)
    {
        UsageException refusal = Assert.Throws<UsageException>(() => Verify(async s => await s.MapIt(page)));
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    private static async KernelTask Allocate(Small s)
    {
        Page page = await s.Zone.AllocPage();
        VirtualAddress address = await s.Port0.Kmap(page);
        await s.UseIt(address, page.Number);
        await s.Port0.Kunmap(page);
        await s.Zone.FreePage(page);
    }

    private static void AssertFine(params Func<Small, KernelTask>[] bodies) => Assert.Null(Verify(bodies));

    private static void AssertFound(FailureClass failure, string text, params Func<Small, KernelTask>[] bodies)
    {
        Finding? finding = Verify(bodies);
        Assert.Equal(failure, finding?.Class);
        Assert.Contains(text, finding!.Message, StringComparison.Ordinal);
    }

    private static Finding? Verify(params Func<Small, KernelTask>[] bodies)
    {
        var size = new ScenarioSize { Tasks = bodies.Length, Slots = 1, Pages = 5, Rounds = 1 };
        MachineImage image = MachineBuilder.Boot(
            bodies.Length,
            0,
            new MachineOptions(),
            StandardDetectors.Create(),
            boot => new Small(bodies).Boot(boot, size));
        return new Verifier(image, new VerifierOptions()).Run().Counterexample?.Finding;
    }

    /// <summary>
    /// One slot, five pages of which page 0 is low memory and pages 3 and 4 are free, and what the protected members of
    /// a scenario offer.
    /// </summary>
    [KernelObject]
    public sealed class Small(Func<Small, KernelTask>[] bodies) : AtomicScenario<SimulatedKernel>
    {
        internal HighMemory<SimulatedKernel> Port0 => Highmem;

        internal Shared<SimulatedKernel> Flag { get; private set; }

        internal HighmemZone<SimulatedKernel> Zone { get; private set; } = null!;

        internal Lifetimes<SimulatedKernel> Descriptors { get; private set; }

        protected override int LowPagesOf(ScenarioSize size) => 1;

        protected override void SpawnUsers(IKernelBoot<SimulatedKernel> boot)
        {
            Flag = Shared<SimulatedKernel>.Create(boot, "flag", Protection.Marked);
            Zone = new HighmemZone<SimulatedKernel>(boot, 3, 5);
            foreach (Func<Small, KernelTask> body in bodies)
                boot.Spawn("test", () => body(this));

            Descriptors = Lifetimes<SimulatedKernel>.Create(boot, "descriptor", 2);
        }

        internal KernelTask<VirtualAddress> MapIt(int page) => Map(new Page(page));

        internal KernelTask UnmapIt(int page) => Unmap(new Page(page));

        internal KernelTask UseIt(VirtualAddress address, int page) => Use(address, new Page(page));

        internal KernelTask All(int page) => MapUseUnmap(new Page(page));

        internal void Give(int page, int heir) => HandOver(new Page(page), new TaskId(heir));
    }
}
