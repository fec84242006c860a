using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// Accesses through virtual addresses, and changes of the page table, under the eyes of the detectors.
/// </summary>
internal sealed class PagedMemory
{
    private readonly ContextRunner _runner;
    private readonly MmuTable _mmu;
    private readonly TaskTable _tasks;
    private readonly IDetectorEvents _detectors;

    internal PagedMemory(ContextRunner runner)
    {
        _runner = runner;
        _mmu = runner.Parts.Mmu;
        _tasks = runner.Tasks;
        _detectors = runner.Detectors;
    }

    /// <summary>Stores a page table entry.</summary>
    internal void SetPte(int page, PageFrame frame)
    {
        _runner.ShowPlainAccess();
        int guard = _mmu.GuardOf(page);
        if (guard >= 0)
            _runner.CheckAccess(_mmu.EntryAddress(page), guard);

        _runner.Fusion.Watch?.NoteEntry(page, _mmu.EntryAddress(page), isWrite: true);
        _detectors.OnPteChange(page, _mmu.Entry(page), frame);
        _mmu.SetEntry(page, frame);
    }

    /// <summary>
    /// The place that an address names; the running context dies if nothing is ever mapped at it.
    /// </summary>
    internal int PlaceOf(VirtualAddress address, PageFrame intended)
    {
        int place = _mmu.PlaceOf(address);
        return place >= 0 ? place : throw ContextDeath.PageFault(_runner, address, intended);
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
        (bool WasStepping, bool WasWatched) before = _runner.LeaveKernelCode();
        _detectors.OnAccess(access, page);
        _runner.ReturnToKernelCode(before);
    }

    private void ThrowNoSuchFrame(int context, PageFrame frame) => throw new UsageException(
        $"{_runner.Reports.NameOf(context)} uses page frame {frame.Number}, which does not exist: "
        + $"the scenario has {_mmu.Frames}");
}
