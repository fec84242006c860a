using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>
/// A machine of 2 page table entries in which a frame may have one entry, 2 others, and 4 page frames of which frame 0
/// is low memory.
/// </summary>
[KernelObject]
internal sealed class PagedMachine
{
    /// <summary>The number of page frames.</summary>
    internal const int Frames = 4;

    /// <summary>Where the exclusive entries begin.</summary>
    internal static readonly VirtualAddress Start = new(0xFF80_0000);

    private SimulatedKernel _kernel;
    private Shared<SimulatedKernel> _anything;

    internal PagedMachine(Detector[] detectors, params Func<PagedMachine, KernelTask>[] bodies)
    {
        Image = SmallMachine.Boot(
            bodies.Length,
            boot =>
            {
                _kernel = boot.Kernel;
                _anything = Shared<SimulatedKernel>.Create(boot, "anything", guard: -1);
                Exclusive = boot.CreateRegion("pkmap", Start, pages: 2, guard: -1, exclusive: true);
                Ordinary = boot.CreateRegion(
                    "fixmap",
                    new VirtualAddress(0xFFF0_0000),
                    pages: 2,
                    guard: -1,
                    exclusive: false);
                boot.CreateFrames(Frames, low: 1);
                foreach (Func<PagedMachine, KernelTask> body in bodies)
                    boot.Spawn("test", () => body(this));
            },
            detectors: detectors);
        Machine = new Machine(Image);
        Machine.Reset();
    }

    internal MachineImage Image { get; }

    internal Machine Machine { get; }

    internal Finding? Finding => Machine.Finding;

    private VirtualPage Exclusive { get; set; }

    private VirtualPage Ordinary { get; set; }

    /// <summary>An entry: 0 and 1 are exclusive, 2 and 3 are not.</summary>
    internal VirtualPage Page(int number) =>
        number < 2 ? new VirtualPage(Exclusive.Index + number) : new VirtualPage(Ordinary.Index + number - 2);

    internal VirtualAddress Address(int page) => Machine.Mmu.AddressOf(Page(page).Index);

    internal void Map(int page, int frame) => _kernel.SetPte(Page(page), new PageFrame(frame));

    internal void Unmap(int page) => _kernel.SetPte(Page(page), PageFrame.None);

    internal void Release(int page) => _kernel.ReleaseSlot(Page(page));

    internal void FlushOne(int page) => _kernel.FlushTlbOne(Page(page));

    internal void FlushLocal() => _kernel.FlushTlbLocal();

    internal KernelStep FlushAll() => _kernel.FlushTlbAll();

    internal KernelStep<int> Load(int page, int intended) => _kernel.Load(Address(page), new PageFrame(intended));

    internal KernelStep Store(int page, int intended, int value) =>
        _kernel.Store(Address(page), new PageFrame(intended), value);

    /// <summary>Stops in front of an operation that touches nothing of interest.</summary>
    internal KernelStep Stop() => _anything.WriteOnce(0);

    /// <summary>Waits for what does not come, so that the task does not end.</summary>
    internal KernelStep Never() => _anything.Await(1);

    /// <summary>The frame that a CPU's TLB has for an entry; -1 for none.</summary>
    internal int Cached(int cpu, int page) => Machine.Mmu.Cached(cpu, Page(page).Index).Number;

    internal int[] Contents() => [.. Enumerable.Range(0, Frames).Select(Machine.Mmu.Contents)];
}
