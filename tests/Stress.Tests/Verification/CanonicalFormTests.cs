using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>Records of the page address table are renumbered in memory, and not in the locals that name them.</summary>
public sealed class CanonicalFormTests
{
    private static readonly ScenarioCatalogue s_catalogue =
        new(typeof(Churn<>).Assembly, typeof(CanonicalFormTests).Assembly);

    [Fact]
    public void A_variant_that_remembers_a_record_is_searched_without_renumbering_and_verified()
    {
        VerificationReport report = Verify("remembered-record", symmetry: true);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Contains("local 'record' of KunmapHigh()", report.CanonicalFormsDropped);
    }

    [Fact]
    public void A_variant_that_remembers_a_record_is_as_right_without_symmetry()
    {
        VerificationReport report = Verify("remembered-record", symmetry: false);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.CanonicalFormsDropped));
    }

    [Fact]
    public void The_port_itself_remembers_no_record()
    {
        VerificationReport report = Verify(variant: null, symmetry: true);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.CanonicalFormsDropped));
    }

    [Fact]
    public void What_does_not_happen_when_it_is_run_again_is_held_against_renumbering_too()
    {
        VerificationReport report = Verify("remembered-record", symmetry: true, trusts: true);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Contains("does not happen when it is run again", report.CanonicalFormsDropped);
    }

    private static VerificationReport Verify(string? variant, bool symmetry, bool trusts = false)
    {
        var size = new SizeRequest { Script = "mA xA | mB xB mC xC", Slots = 2, Rounds = 1 };
        Experiment experiment = s_catalogue.Resolve("script", variant, size);
        return new Verifier(
            experiment.Boot(),
            new VerifierOptions { Symmetry = symmetry, TrustsSymmetry = trusts }
        ).Run();
    }
}

/// <summary>
/// kunmap_high() finds the record of its page before it takes kmap_lock, and writes it anew under the lock. Nobody else
/// can have changed it meanwhile.
/// </summary>
[Variant(
    "remembered-record",
    "kunmap_high() finds its record before it takes kmap_lock, and writes it anew under the lock",
    IsBenign = true)]
public sealed class RememberedRecord<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    public override async KernelTask KunmapHigh(Page page)
    {
        int flags = await ChainLock(PageSlot(page)).AcquireIrqSave();
        int record = FindInChain(PageSlot(page), page, out _);
        await ChainLock(PageSlot(page)).ReleaseIrqRestore(flags);
        BugOn(record == End, "kunmap:not_mapped");

        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        FillRecord(record, page, address);
        int users = --PkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero");
        bool needWakeup = users == 1 && PkmapMapWait.IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await WakeSleepers();
    }
}
