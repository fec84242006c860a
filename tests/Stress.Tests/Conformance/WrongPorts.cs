using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Conformance.Replay;
using Port = Kmaplab.Allocator.HighMemory<Kmaplab.Scheduler.Simulation.Running.SimulatedKernel>;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>Ports with one line changed each, which a comparison with traces must notice.</summary>
internal static class WrongPorts
{
    public static IReadOnlyDictionary<string, PortFactory> All { get; } = new Dictionary<string, PortFactory>
    {
        ["never wakes"] = (boot, config) => new NeverWakes(boot, config),
        ["does not look again after the sleep"] = (boot, config) => new NoRecheck(boot, config),
        ["gives a new slot a use too many"] = (boot, config) => new CountsFromTwo(boot, config),
        ["does not flush the TLBs"] = (boot, config) => new NoFlush(boot, config),
        ["queues after the unlock"] = (boot, config) => new QueueAfterUnlock(boot, config),
        ["leaves the preempt count alone"] = (boot, config) => new NoPreemptCount(boot, config),
        ["does not unmap, with checks"] = (boot, config) => new LazyUnmap(boot, config),
        ["has no slots of its own on other CPUs"] = (boot, config) => new SharedSlots(boot, config),
    };

    private sealed class NeverWakes(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask WakeSleepers() => await Kernel.InterruptWindow();
    }

    private sealed class NoRecheck(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask<VirtualAddress> RecheckAfterSleep(Page page)
        {
            await Kernel.InterruptWindow();
            return VirtualAddress.Null;
        }
    }

    private sealed class CountsFromTwo(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask<VirtualAddress> MapSlot(int slot, Page page)
        {
            VirtualAddress address = await base.MapSlot(slot, page);
            PkmapCount[slot] = 2;
            return address;
        }
    }

    private sealed class NoFlush(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask FlushTlbKernelRange() => await Kernel.InterruptWindow();
    }

    private sealed class QueueAfterUnlock(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask SleepForSlot()
        {
            await Kernel.SetState(TaskState.Uninterruptible);
            await KmapLock.Release();
            await PkmapMapWait.Add();
            await Kernel.Schedule();
            await PkmapMapWait.Remove();
            await KmapLock.Acquire();
        }
    }

    private sealed class NoPreemptCount(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override void IncPreemptCount()
        {
        }
    }

    private sealed class LazyUnmap(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override async KernelTask ClearAtomic(VirtualAddress address, KmType type) =>
            await Kernel.InterruptWindow();
    }

    private sealed class SharedSlots(IKernelBoot<SimulatedKernel> boot, KmapConfig config) : Port(boot, config)
    {
        protected override int AtomicIndex(KmType type) => Fixmap.IndexOf(type, new CpuId(0));
    }
}
