using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>Accesses through virtual addresses, and changes of the page table, under the eyes of the detectors.</summary>
internal sealed class PagedMemory
{
    private readonly Machine _machine;
    private readonly MmuTable _mmu;
    private readonly TaskTable _tasks;
    private readonly DetectorSet _detectors;

    internal PagedMemory(Machine machine)
    {
        _machine = machine;
        _mmu = machine.Mmu;
        _tasks = machine.Tasks;
        _detectors = machine.Detectors;
    }

    /// <summary>Stores a page table entry.</summary>
    internal void SetPte(int page, PageFrame frame)
    {
        _machine.Runner.ShowPlainAccess();
        int guard = _mmu.GuardOf(page);
        if (guard >= 0)
            _machine.Runner.CheckAccess(_mmu.EntryAddress(page), guard);

        _machine.Fusion.Watch?.NoteEntry(page, _mmu.EntryAddress(page), isWrite: true);
        _detectors.OnPteChange(page, _mmu.Entry(page), frame);
        _mmu.SetEntry(page, frame);
    }

    /// <summary>Reads the page frame that a place leads to; 0 for a page fault, which the detectors report.</summary>
    internal int Load(int context, int place, int intended)
    {
        PageFrame reached = Reach(context, place, intended);
        return reached.IsNone ? 0 : _mmu.ContentsAt(reached);
    }

    /// <summary>Writes the page frame that a place leads to, if it leads to one; yields what was written.</summary>
    internal int Store(int context, int place, int intended, int value)
    {
        PageFrame reached = Reach(context, place, intended);
        return reached.IsNone ? 0 : _mmu.ContentsAt(reached) = value;
    }

    private PageFrame Reach(int context, int place, int intended)
    {
        bool isMapped = place < _mmu.Pages;
        PageFrame entry = isMapped ? _mmu.Entry(place) : new PageFrame(place - _mmu.Pages);
        PageFrame reached = _mmu.Translate(_tasks.Cpu(context), place);
        if (reached.Number != intended || entry.Number != intended)
            _detectors.OnWrongAccess(DescribeAccess(context, place, intended, reached, entry));

        if (_detectors.SeesAccesses)
            ShowAccess(DescribeAccess(context, place, intended, reached, entry), isMapped ? place : -1);

        if (!reached.IsNone && reached.Number >= _mmu.Frames)
            ThrowNoSuchFrame(context, reached);

        return reached;
    }

    private MemoryAccess DescribeAccess(int context, int place, int intended, PageFrame reached, PageFrame entry)
    {
        VirtualAddress address = place < _mmu.Pages ? _mmu.AddressOf(place) : MmuTable.LowAddress(reached);
        return new MemoryAccess(context, address, new PageFrame(intended), reached, entry);
    }

    // What detectors look at while a step runs is not accessed by kernel code.
    private void ShowAccess(in MemoryAccess access, int page)
    {
        (bool WasStepping, bool WasWatched) before = _machine.Runner.LeaveKernelCode();
        _detectors.OnAccess(access, page);
        _machine.Runner.ReturnToKernelCode(before);
    }

    private void ThrowNoSuchFrame(int context, PageFrame frame) => throw new UsageException(
        $"{_machine.NameOf(context)} uses page frame {frame.Number}, which does not exist: "
        + $"the scenario has {_mmu.Frames}");
}
