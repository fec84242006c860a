using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Drives the port's atomic mappings call by call, and says in a trace's terms what each call did.</summary>
public sealed class AtomicReplay
{
    private readonly TraceConfig _config;
    private readonly AtomicConfig _atomic;
    private readonly PortFactory _makePort;
    private readonly CommandedCpu[] _cpus;
    private readonly ReplayObserver _observer = new();
    private readonly Machine _machine;
    private HighMemory<SimulatedKernel> _port = null!;
    private int _steps;

    /// <summary>Boots a port as <paramref name="config"/> says.</summary>
    public AtomicReplay(TraceConfig config, PortFactory makePort)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _atomic = config.Atomic!;
        SupportedAtomicConfig.Require(config, _atomic);
        _makePort = makePort;
        _cpus = new CommandedCpu[_atomic.CpuCount];
        MachineImage image = MachineBuilder.Boot(_cpus.Length, interrupts: 0, new MachineOptions(), [], Boot);
        _machine = new Machine(image) { Observer = _observer };
        _machine.Reset();
        State = Read();
    }

    /// <summary>The state after the last step.</summary>
    public AtomicState State { get; private set; }

    /// <summary>Makes the call that a recorded one asks for.</summary>
    public AtomicStep Take(AtomicStep recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        KmType type = default;
        if (recorded.Type is { } name && !KmTypes.TryParse(name, out type))
            throw new ReplayException($"'{name}' is no type of atomic mapping");

        _observer.Clear();
        _machine.ForgetFinding();
        _cpus[recorded.Cpu].Command(recorded.Op, Argument(recorded), type);
        _machine.Perform(Transition.Step(recorded.Cpu));
        BugCode? bug = TableReplay.BugOf(_observer);
        State = Read();
        return recorded with
        {
            Number = ++_steps,
            Result = bug is null && recorded.Op != AtomicOp.KunmapAtomic ? _cpus[recorded.Cpu].Result : null,
            Bug = bug,
            State = State,
        };
    }

    private uint Argument(AtomicStep step) => step switch
    {
        { Page: { } page } => _atomic.PagePfn[page],
        { Pfn: { } pfn and <= int.MaxValue } => pfn,
        { Addr: { } address } => address,
        _ => throw new ReplayException($"there is no frame {step.Pfn}"),
    };

    private void Boot(MachineBuilder boot)
    {
        var config = new KmapConfig(
            SupportedAtomicConfig.PagesOf(_config, _atomic),
            new PkmapLayout(new(_config.PkmapBase), _config.LastPkmap))
        {
            Fixmap = SupportedAtomicConfig.FixmapOf(_atomic),
        };
        _port = _makePort(boot, config);
        for (int cpu = 0; cpu < _cpus.Length; cpu++)
            _cpus[cpu] = new CommandedCpu(boot, _port);
    }

    private AtomicState Read() => new()
    {
        Entries = [.. Entries()],
        PreemptCount = [.. Enumerable.Range(0, _cpus.Length).Select(_machine.Tasks.PreemptCount)],
        TlbOneFlushes = _observer.Count(KernelEvent.TlbFlushOne),
        LastTlbOne = _observer.LastFlushed is { } page ? _machine.Mmu.AddressOf(page.Index).Value : 0,
        ReschedChecks = _observer.Count(KernelEvent.ReschedCheck),
    };

    private IEnumerable<AtomicEntry> Entries()
    {
        for (int index = 0; index < _port.Fixmap.KmapEntries; index++)
        {
            PageFrame frame = _port.AtomicEntry(index);
            if (!frame.IsNone)
                yield return new AtomicEntry(index, (uint)frame.Number);
        }
    }
}
