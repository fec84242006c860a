using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// A wake-up that was decided and comes later is not lost. Such variants were once called wrong.
/// </summary>
public sealed class LateWakeupTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(ScenarioSize.AnyRounds)]
    [InlineData(ScenarioSize.Forever)]
    public void A_variant_that_does_something_else_before_its_wake_up_is_verified(int rounds)
    {
        var catalogue = new ScenarioCatalogue(typeof(Churn<>).Assembly, typeof(LateWakeupTests).Assembly);
        var size = new SizeRequest { Tasks = 2, Slots = 1, Pages = 2, Rounds = rounds };
        Experiment experiment = catalogue.Resolve("churn", "woken-late", size);

        Assert.Equal(
            Verdict.Verified,
            new Verifier(experiment.Boot(), new VerifierOptions()).Run(TestContext.Current.CancellationToken).Verdict);
    }
}

/// <summary>kunmap_high() decides under kmap_lock to wake, and takes the lock once more before it does.</summary>
[Variant("woken-late", "kunmap_high() takes kmap_lock once more before it wakes", IsBenign = true)]
public sealed class WokenLate<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    public override async KernelTask KunmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");
        int users = --PkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero");
        bool needWakeup = users == 1 && PkmapMapWait.IsActive;
        await KmapLock.Release();

        await KmapLock.Acquire();
        await KmapLock.Release();
        if (needWakeup)
            await WakeSleepers();
    }
}
