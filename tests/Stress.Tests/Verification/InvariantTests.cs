using Kmaplab.Allocator;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>What must hold in every state is broken by ports that break it, and said by its name.</summary>
public sealed class InvariantTests
{
    [Theory]
    [InlineData(true, FailureClass.SlotClobber)]
    [InlineData(false, null)]
    public void An_atomic_mapping_that_outlives_its_preempt_count_is_found_where_the_entry_tells(
        bool debugHighmem,
        FailureClass? expected)
    {
        var parameters = new Parameters(
            new ParameterValue(KmapParameters.Release, KernelRelease.Latest.Name),
            new ParameterValue(KmapParameters.DebugHighmem, debugHighmem ? SwitchParameter.On : SwitchParameter.Off));
        var size = new ScenarioSize { Tasks = 2, Pages = 2, Cpus = 1, Rounds = 1, Parameters = parameters };

        VerificationReport report = Verify(
            new Migrate<SimulatedKernel> { Port = (boot, config) => new LateClear(boot, config) },
            size,
            cpus: 1);

        Assert.Equal(expected, report.Counterexample?.Finding.Class);
        Assert.Equal(expected is null, report.Verdict == Verdict.Verified);
        if (expected is not null)
            Assert.StartsWith(
                "CPU 0 has 1 atomic mapping, but preemption is off there 0 times",
                report.Counterexample!.Finding.Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kmap_in_atomic_context_is_found_although_nobody_has_to_sleep(bool irqsOff)
    {
        var size = new ScenarioSize { Tasks = 1, Slots = 2, Pages = 1, Rounds = 1 };

        VerificationReport report = Verify(
            new Churn<SimulatedKernel> { Port = (boot, config) => new KmapInAtomic(boot, config, irqsOff) },
            size,
            cpus: 0);

        Assert.Equal(FailureClass.SleepInAtomic, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void Kunmap_with_soft_interrupts_off_is_a_BUG()
    {
        var size = new ScenarioSize { Tasks = 1, Slots = 2, Pages = 1, Rounds = 1 };

        VerificationReport report = Verify(
            new Churn<SimulatedKernel> { Port = (boot, config) => new KunmapInSoftirq(boot, config) },
            size,
            cpus: 0);

        Assert.Equal(FailureClass.BugOn, report.Counterexample?.Finding.Class);
        Assert.Contains("kunmap:in_interrupt", report.Counterexample!.Finding.Message, StringComparison.Ordinal);
    }

    private static VerificationReport Verify(KmapScenario<SimulatedKernel> scenario, ScenarioSize size, int cpus)
    {
        MachineImage image = MachineBuilder.Boot(
            size.Tasks,
            interrupts: 0,
            new MachineOptions { Cpus = cpus },
            StandardDetectors.Create(),
            boot => scenario.Boot(boot, size));
        return new Verifier(image, new VerifierOptions()).Run();
    }

    private sealed class LateClear(IKernelBoot<SimulatedKernel> boot, KmapConfig config)
        : HighMemory<SimulatedKernel>(boot, config)
    {
        public override async KernelTask KunmapAtomic(VirtualAddress address, KmType type)
        {
            NoteAtomicUseOver(address);
            DecPreemptCount();
            await Kernel.PreemptCheckResched();
            if (Fixmap.DebugHighmem)
                await ClearAtomic(address, type);
        }
    }

    private sealed class KmapInAtomic(IKernelBoot<SimulatedKernel> boot, KmapConfig config, bool irqsOff)
        : HighMemory<SimulatedKernel>(boot, config)
    {
        public override async KernelTask<VirtualAddress> Kmap(Page page)
        {
            Kernel.AddPreemptCount(irqsOff ? 0 : 1);
            Kernel.SetIrqsDisabled(irqsOff);
            VirtualAddress address = await base.Kmap(page);
            Kernel.SetIrqsDisabled(false);
            Kernel.AddPreemptCount(irqsOff ? 0 : -1);
            return address;
        }
    }

    private sealed class KunmapInSoftirq(IKernelBoot<SimulatedKernel> boot, KmapConfig config)
        : HighMemory<SimulatedKernel>(boot, config)
    {
        public override async KernelTask Kunmap(Page page)
        {
            Kernel.AddPreemptCount(1 << 8);
            await base.Kunmap(page);
            Kernel.AddPreemptCount(-(1 << 8));
        }
    }
}
