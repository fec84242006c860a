using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <content>What the operations do, and what is wrong with them.</content>
internal sealed partial class CoyoteMachine
{
    /// <summary>A task stops before it stores current->state, if a waker could see that.</summary>
    public bool StopsAtSetState =>
        StopsAt(SchedulingPoints.State) || (StopsAt(SchedulingPoints.VisibleState) && _running.Queues > 0);

    /// <summary>Whether tasks stop in front of this kind of operation.</summary>
    public bool StopsAt(SchedulingPoints points) => (Options.Points & points) != 0;

    public ref int Word(int address) => ref _parts.Words[address];

    public CoyoteWaitQueue Queue(int number) => _parts.Queues[number];

    /// <summary>schedule(): one step for a task that was woken in time, and two for one that sleeps.</summary>
    public void Schedule()
    {
        StandBefore(OperationKind.Schedule);
        CheckMaySleep("schedule");
        if (_running.State == TaskState.Running)
            return;

        _running.FallAsleep();
        StandBefore(OperationKind.Resume);
    }

    public void Enqueue(int queue, bool exclusive)
    {
        if (!_parts.Queues[queue].Add(_running, exclusive))
            ReportCorruptList($"{_running} adds its wait entry to {_parts.Queues[queue].Name} while it is still linked");
    }

    public void Dequeue(int queue)
    {
        if (!_parts.Queues[queue].Remove(_running))
            ReportCorruptList($"{_running} removes its wait entry from {_parts.Queues[queue].Name}, where it is not");
    }

    public void SetPte(int page, PageFrame frame)
    {
        if (!HoldsGuard(Mmu.GuardOf(page)))
            ReportRace(Mmu.GuardOf(page), $"the page table entry of {Mmu.AddressOf(page)}");

        int other = Mmu.OtherMappingOf(frame, page);
        if (other >= 0)
        {
            Report(
                FailureClass.DoubleMapping,
                $"{_running} maps page {frame.Number} at {Mmu.AddressOf(page)} while it is still mapped at "
                + $"{Mmu.AddressOf(other)}");
        }

        Mmu.SetEntry(page, frame);
    }

    public int PlaceOf(VirtualAddress address)
    {
        int place = Mmu.PlaceOf(address);
        if (place < 0)
            _parts.Kernel.Bug($"page_fault:{address}");

        return place;
    }

    /// <summary>
    /// Goes through an address, and says so if it does not, or no longer, lead to the page that is meant.
    /// </summary>
    public PageFrame Access(VirtualAddress address, int place, PageFrame intended)
    {
        PageFrame entry = Mmu.FrameAt(place);
        PageFrame reached = Mmu.Translate(_running.Number, place);
        if (reached == intended && entry == intended)
            return reached;

        string what = $"{_running} uses {address} for {intended} and reaches {reached}; the page table has {entry}";
        Report(reached != entry && reached != intended ? FailureClass.StaleTlb : FailureClass.UseAfterUnmap, what);
        return reached;
    }

    public void CheckGuard(int guard, int address)
    {
        if (!HoldsGuard(guard))
            ReportRace(guard, _parts.NameOf(address));
    }

    public void CheckMaySleep(string function)
    {
        if (_running.PreemptCount != 0 || _running.AreIrqsDisabled)
        {
            string interrupts = _running.AreIrqsDisabled ? "off" : "on";
            Report(
                FailureClass.SleepInAtomic,
                $"{_running} calls {function} with preempt_count {_running.PreemptCount:x} and interrupts {interrupts}"
            );
        }
    }

    public void LoopTurn()
    {
        if (++_running.LoopTurns > Options.LoopTurnsMax)
            throw new KernelLivelockException(Options.LoopTurnsMax);
    }

    public void FinishOperation() => _probe.OperationsDone++;

    // While the machine boots nobody else is there.
    private bool HoldsGuard(int guard) => guard < 0 || Locks[guard].Owner == _running || _running == s_nobody;

    private void ReportCorruptList(string what) => Report(FailureClass.BugOn, $"{what}: the list is corrupt");

    private void ReportRace(int guard, string what) =>
        Report(
            FailureClass.DataRace,
            $"{_running} accesses {what} without {Locks[guard].Name}, which {Locks[guard].Holder}");
}
