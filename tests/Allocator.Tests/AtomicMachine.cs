using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Allocator.Tests;

/// <summary>A machine of two high pages and one low page, whose CPUs run what a test gives them.</summary>
[KernelObject]
internal sealed class AtomicMachine : IMachineObserver
{
    /// <summary>The page below high memory.</summary>
    public static readonly Page Low = new(0);

    /// <summary>A page of high memory.</summary>
    public static readonly Page High = new(1);

    /// <summary>Another page of high memory.</summary>
    public static readonly Page OtherHigh = new(2);

    private readonly Machine _machine;

    public AtomicMachine(bool debug, params Func<AtomicMachine, KernelTask>[] bodies)
        : this(
            new KmapConfig(MemoryMap.Create(3, low: 1), new PkmapLayout(PkmapLayout.DefaultBase, 2))
            {
                Fixmap = Fixmap.Create(bodies.Length, debug),
            },
            cpus: 0,
            bodies)
    { }

    public AtomicMachine(KmapConfig config, int cpus, params Func<AtomicMachine, KernelTask>[] bodies)
    {
        MachineImage image = MachineBuilder.Boot(
            bodies.Length,
            interrupts: 0,
            new MachineOptions { Cpus = cpus },
            [new StaleTlbDetector()],
            boot =>
            {
                boot.CreateFrames(
                    config.Pages.Count,
                    Enumerable.Range(0, config.Pages.Count).Count(page => !config.Pages.IsHighmem(new Page(page))));
                Port = new HighMemory<SimulatedKernel>(boot, config);
                foreach (Func<AtomicMachine, KernelTask> body in bodies)
                    boot.Spawn("test", () => body(this));
            }
        );
        _machine = new Machine(image) { Observer = this };
    }

    public HighMemory<SimulatedKernel> Port { get; private set; } = null!;

    public SimulatedKernel Kernel => default;

    public List<string> Bugs { get; } = [];

    public Finding? Finding => _machine.Finding;

    /// <summary>preempt_count of what runs on a CPU of its own.</summary>
    public int PreemptCount(int cpu) => _machine.Tasks.PreemptCount(cpu);

    /// <summary>Lets one CPU after the other run as far as it gets.</summary>
    public AtomicMachine Run()
    {
        _machine.Reset();
        while (_machine.Enabled() is { Length: > 0 } enabled)
            _machine.Perform(enabled[0]);

        return this;
    }

    void IMachineObserver.OnBug(int context, string code) => Bugs.Add(code);

    void IMachineObserver.OnOperation(int context, in PerformedOperation operation)
    {
    }

    void IMachineObserver.OnWoken(int task, bool slept)
    {
    }

    void IMachineObserver.OnCount(KernelEvent what)
    {
    }

    void IMachineObserver.OnOperationDone(int context)
    {
    }
}
