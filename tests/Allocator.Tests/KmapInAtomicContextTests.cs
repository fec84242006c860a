using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Allocator.Tests;

/// <summary>
/// kmap may sleep, kunmap may not be called in an interrupt, and the kernel's own idea of what an interrupt is.
/// </summary>
public sealed class KmapInAtomicContextTests
{
    private static readonly Page s_high = new(1);
    private static readonly Page s_low = new(0);

    [Fact]
    public void Kmap_in_an_interrupt_is_a_sleep_in_atomic_for_low_memory_too()
    {
        Assert.Equal(FailureClass.SleepInAtomic, InInterrupt(InterruptKind.Hard, lab => lab.MapAndUnmap(s_high))?.Class);
        Assert.Equal(FailureClass.SleepInAtomic, InInterrupt(InterruptKind.Soft, lab => lab.MapAndUnmap(s_low))?.Class);
    }

    [Theory]
    [InlineData(InterruptKind.Hard)]
    [InlineData(InterruptKind.Soft)]
    public void Kunmap_in_an_interrupt_is_a_bug_for_low_memory_too(InterruptKind kind)
    {
        Finding? finding = InInterrupt(kind, lab => lab.Unmap(s_low));

        Assert.Equal(FailureClass.BugOn, finding?.Class);
        Assert.Contains("kunmap:in_interrupt in irq on CPU 0", finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kmap_under_a_spin_lock_is_a_sleep_in_atomic() => Assert.Equal(FailureClass.SleepInAtomic, InTask(async lab =>
    {
        await lab.Lock.Acquire();
        await lab.MapAndUnmap(s_high);
        await lab.Lock.Release();
    })?.Class);

    [Fact]
    public void Kmap_under_an_atomic_mapping_is_a_sleep_in_atomic() => Assert.Equal(FailureClass.SleepInAtomic, InTask(async lab =>
    {
        // Raises the count although it maps nothing.
        VirtualAddress address = await lab.Port.KmapAtomic(s_low, KmType.User0);
        await lab.MapAndUnmap(s_high);
        await lab.Port.KunmapAtomic(address, KmType.User0);
    })?.Class);

    [Fact]
    public void Kunmap_under_a_plain_spin_lock_is_legal() => Assert.Null(InTask(async lab =>
    {
        await lab.Port.Kmap(s_high);
        await lab.Lock.Acquire();
        await lab.Port.Kunmap(s_high);
        await lab.Lock.Release();
    }));

    [Fact]
    public void Kunmap_with_bottom_halves_off_is_a_bug_in_process_context_too() => Assert.Equal(FailureClass.BugOn, InTask(async lab =>
    {
        await lab.Port.Kmap(s_high);
        await lab.Lock.AcquireBh();
        await lab.Port.Kunmap(s_high);
        await lab.Lock.ReleaseBh();
    })?.Class);

    private static Finding? InTask(Func<Lab, KernelTask> body) => new Lab(body, null, InterruptKind.Hard).RunToEnd();

    private static Finding? InInterrupt(InterruptKind kind, Func<Lab, KernelTask> handler) =>
        new Lab(async lab => await lab.Lock.Acquire(), handler, kind).Interrupt();

    [KernelObject]
    private sealed class Lab
    {
        private readonly Machine _machine;

        internal Lab(Func<Lab, KernelTask> body, Func<Lab, KernelTask>? handler, InterruptKind kind)
        {
            MachineImage image = MachineBuilder.Boot(1, handler is null ? 0 : 1, new MachineOptions(), StandardDetectors.Create(), boot =>
            {
                boot.CreateFrames(2, low: 1);
                Lock = SpinLock<SimulatedKernel>.Create(boot, "device_lock");
                Port = new HighMemory<SimulatedKernel>(boot, new KmapConfig(MemoryMap.Create(2, low: 1), new PkmapLayout(PkmapLayout.DefaultBase, 2))
                {
                    Fixmap = Fixmap.Create(cpus: 1),
                });
                boot.Spawn("task", () => body(this));
                if (handler is not null)
                    boot.AttachInterrupt("irq", kind, limit: 1, () => handler(this));
            });
            _machine = new Machine(image);
            _machine.Reset();
        }

        internal SpinLock<SimulatedKernel> Lock { get; private set; }

        internal HighMemory<SimulatedKernel> Port { get; private set; } = null!;

        internal async KernelTask MapAndUnmap(Page page)
        {
            await Port.Kmap(page);
            await Port.Kunmap(page);
        }

        internal async KernelTask Unmap(Page page) => await Port.Kunmap(page);

        internal Finding? Interrupt()
        {
            _machine.Perform(Transition.Interrupt(0, 0));
            return _machine.Finding;
        }

        internal Finding? RunToEnd()
        {
            while (_machine.Finding is null && _machine.Enabled() is { IsEmpty: false } enabled)
                _machine.Perform(enabled[0]);

            return _machine.Finding;
        }
    }
}
