using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>What is wrong with how the page table and the frames are used.</content>
internal sealed unsafe partial class ThreadPaging
{
    /// <summary>The running task has done with a page of a region in which frames may have several entries.</summary>
    internal void ReleaseSlot(int page)
    {
        int me = ThreadTask.t_current!.Number;
        ThreadRecorder? recorder = _machine.Recording;
        int entry = _layout.PageTableBase + page;
        int version = recorder?.Hold(entry) ?? 0;
        recorder?.Add(ThreadTask.t_current, OperationKind.None, entry, version, 0);
        int user = Interlocked.Exchange(ref _machine.Words[_users + page], 0) - 1;
        recorder?.LetGo(entry, version);
        if (user < 0)
            Report(
                FailureClass.ReferenceCount,
                $"{_machine.NameOf(me)} unmaps {NameOf(page)}, which nobody has mapped");
        else if (user != me)
            Report(
                FailureClass.SlotClobber,
                $"{_machine.NameOf(me)} gives back {NameOf(page)}, which {_machine.NameOf(user)} uses");
    }

    /// <summary>What a task that ends has not given back; null if nothing.</summary>
    internal string? SlotOf(int task)
    {
        for (int page = 0; page < _layout.Pages; page++)
        {
            if (_machine.Words[_users + page] == task + 1)
                return NameOf(page);
        }

        return null;
    }

    private void CheckChange(int page, PageFrame frame)
    {
        if (ThreadTask.t_current is null)
            return; // The scenario boots, or somebody changes it from outside.

        MappedRegion region = _layout.RegionOf(page)!;
        _machine.CheckAccess(_layout.PageTableBase + page, region.Guard);
        if (region.IsExclusive && region.Guard >= 0)
            CountMapping(page, Entry(page), frame);
        else if (!region.IsExclusive)
            NoteUser(page, frame);
    }

    private void CountMapping(int page, PageFrame before, PageFrame after)
    {
        if (!before.IsNone)
            _machine.Words[_mappings + before.Number]--;

        if (after.IsNone || ++_machine.Words[_mappings + after.Number] <= 1)
            return;

        if (Elsewhere(page, after) is var other and >= 0)
        {
            _machine.Report(
                FailureClass.DoubleMapping,
                $"page {after.Number} is mapped at {_layout.AddressOf(page)} while it is still mapped at "
                + $"{_layout.AddressOf(other)}\n  by {_machine.NameOf(ThreadTask.t_current!.Number)} in "
                + _machine.RunningChain());
        }
    }

    // An entry that nobody uses may have been left behind.
    private int Elsewhere(int page, PageFrame frame)
    {
        for (int other = 0; other < _layout.Pages; other++)
        {
            if (
                other != page
                && Entry(other) == frame
                && _layout.RegionOf(other)!.IsExclusive
                && IsInUse(other))
                return other;
        }

        return -1;
    }

    private bool IsInUse(int page) => _uses.TrueForAll(
        use => (uint)(page - use.First) >= (uint)use.Pages || use.IsInUse(page - use.First));

    private void NoteUser(int page, PageFrame frame)
    {
        int me = ThreadTask.t_current!.Number;
        ref int word = ref _machine.Words[_users + page];
        int user = (frame.IsNone ? Volatile.Read(ref word) : Interlocked.Exchange(ref word, me + 1)) - 1;
        if (user < 0)
            return;

        string whose = user == me ? "it still uses itself" : $"{_machine.NameOf(user)} still uses";
        string what = frame.IsNone ? $"empties {NameOf(page)}" : $"maps page {frame.Number} into {NameOf(page)}";
        Report(FailureClass.SlotClobber, $"{_machine.NameOf(me)} {what}, which {whose}");
    }

    private void CheckAccess(VirtualAddress address, int place, PageFrame intended, PageFrame reached)
    {
        if (reached != intended)
            ReportWrongPage(address, intended, reached);

        int me = ThreadTask.t_current!.Number;
        if (
            place < _layout.Pages
            && !_layout.RegionOf(place)!.IsExclusive
            && Volatile.Read(ref _machine.Words[_users + place]) == 0)
        {
            Report(
                FailureClass.UseAfterUnmap,
                $"{_machine.NameOf(me)} uses {address} for page {intended.Number}, but {NameOf(place)} has been given "
                + "back");
        }

        foreach ((int first, int pages, Func<int, PageFrame, bool> isGivenBack) in _givenBack)
        {
            if ((uint)(place - first) < (uint)pages && isGivenBack(place - first, reached))
            {
                Report(
                    FailureClass.UseAfterUnmap,
                    $"{_machine.NameOf(me)} uses {address} for page {intended.Number}, which everybody has unmapped: "
                    + "it is there only until the next flush");
            }
        }

        foreach (Func<PageFrame, bool> isFree in _free)
        {
            if (isFree(reached))
                Report(
                    FailureClass.UseAfterFree,
                    $"{_machine.NameOf(me)} uses page {reached.Number} at {address}, which is free");
        }
    }

    private void ReportWrongPage(VirtualAddress address, PageFrame intended, PageFrame reached)
    {
        string what = reached.IsNone
            ? "which is not mapped there: page fault"
            : $"and reaches page {reached.Number}";
        string who = _machine.NameOf(ThreadTask.t_current!.Number);
        Report(FailureClass.UseAfterUnmap, $"{who} uses {address} for page {intended.Number}, {what}");
    }

    private void Report(FailureClass failure, string message) =>
        _machine.Report(failure, $"{message}\n  in {_machine.RunningChain()}");

    private string NameOf(int page)
    {
        foreach ((int first, int pages, Func<int, string> nameOf) in _names)
        {
            if ((uint)(page - first) < (uint)pages)
                return nameOf(page - first);
        }

        return $"the slot at {_layout.AddressOf(page)}";
    }
}
