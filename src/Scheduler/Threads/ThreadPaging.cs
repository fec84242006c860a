using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Memory;

namespace Kmaplab.Scheduler.Threads;

/// <summary>The page table and the page frames, and what is wrong with how they are used.</summary>
/// <remarks>
/// Who uses a mapping in the right way has a hold on it, so nobody changes the entry meanwhile: a look at it is as good
/// as a lock. Two checks compare entries with each other, and are made under the lock that guards them all.
/// </remarks>
internal sealed unsafe class ThreadPaging(ThreadMachine machine) : IDisposable
{
    private readonly ThreadMachine _machine = machine;
    private readonly List<MappedRegion> _regions = [];
    private readonly List<(int First, int Pages, Func<int, string> NameOf)> _names = [];
    private readonly List<(int First, int Pages, Func<int, bool> IsInUse)> _uses = [];
    private readonly List<Func<PageFrame, bool>> _free = [];
    private MmuLayout _layout = new([], 0, 0, 0, 0, 0, 0);
    private int _mappings; // By frame, the entries of exclusive regions that lead to it.
    private int _users; // By entry of another region, the task that uses it, plus 1.

    /// <summary>The frames and mappings of the operating system; null where frames are words.</summary>
    internal RealMemory? Real { get; private set; }

    internal int AddRegion(string name, VirtualAddress start, int pages, int guard, bool exclusive)
    {
        int first = _layout.Pages;
        _regions.Add(new MappedRegion(name, start, pages, first, guard, exclusive));
        _layout = _layout with { Regions = [.. _regions], Pages = first + pages };
        return first;
    }

    internal void CreateFrames(int frames, int low) => _layout = _layout with { Frames = frames, Low = low };

    internal void NamePages(int first, int pages, Func<int, string> nameOf) => _names.Add((first, pages, nameOf));

    internal void DeclareInUse(int first, int pages, Func<int, bool> isInUse) => _uses.Add((first, pages, isInUse));

    internal void DeclareFree(Func<PageFrame, bool> isFree) => _free.Add(isFree);

    /// <summary>Lays out what has been asked for.</summary>
    internal void LayOut()
    {
        ThreadMemory memory = _machine.Memory;
        int table = memory.Allocate(_layout.Pages);
        bool isReal = _machine.Options.RealMemory;

        // A page shares no line with others.
        int contents = memory.Allocate(isReal ? 0 : _layout.Frames * ThreadMemory.LineWords);
        _layout = _layout with { PageTableBase = table, FrameBase = contents };
        _mappings = memory.Allocate(_layout.Frames);
        _users = memory.Allocate(_layout.Pages);
        Real = isReal ? new RealMemory(_layout) : null;
    }

    /// <summary>The place that an address names; -1 if it names none.</summary>
    internal int PlaceOf(VirtualAddress address) => _layout.PlaceOf(address);

    /// <inheritdoc/>
    public void Dispose() => Real?.Dispose();

    internal PageFrame Entry(int page) => new(Volatile.Read(ref _machine.Words[_layout.PageTableBase + page]) - 1);

    /// <summary>All entries, as words.</summary>
    internal int[] Entries() => [.. Enumerable.Range(0, _layout.Pages).Select(page => Entry(page).Number + 1)];

    /// <summary>What all frames contain, where they are words.</summary>
    internal int[] Contents() =>
        [.. Enumerable.Range(0, _layout.Frames).Select(frame => ContentsOf(new PageFrame(frame)))];

    internal void SetEntry(int page, PageFrame frame, bool isChecked)
    {
        int entry = _layout.PageTableBase + page;
        ThreadRecorder? recorder = ThreadTask.t_current is null ? null : _machine.Recording;
        int version = recorder?.Hold(entry) ?? 0;
        recorder?.Add(ThreadTask.t_current!, OperationKind.None, entry, version, 0);
        if (isChecked)
            CheckChange(page, frame);

        Volatile.Write(ref _machine.Words[entry], frame.Number + 1);
        Real?.SetEntry(page, frame);
        recorder?.LetGo(entry, version);
    }

    internal int Load(VirtualAddress address, PageFrame intended, bool isChecked)
    {
        var hold = new PageHold(this, OperationKind.Load, address);
        PageFrame reached = Reach(address, intended, isChecked);
        int read = Real is { } real ? real.WordAt(PlaceOf(address)) : reached.IsNone ? 0 : ContentsOf(reached);
        hold.LetGo();
        return read;
    }

    internal void Store(VirtualAddress address, PageFrame intended, int value, bool isChecked)
    {
        var hold = new PageHold(this, OperationKind.Store, address);
        PageFrame reached = Reach(address, intended, isChecked);
        if (Real is { } real)
            real.WordAt(PlaceOf(address)) = value;
        else if (!reached.IsNone)
            ContentsOf(reached) = value;

        hold.LetGo();
    }

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

    private PageFrame Reach(VirtualAddress address, PageFrame intended, bool isChecked)
    {
        int place = _layout.PlaceOf(address);
        if (place < 0)
            ReportWrongPage(address, intended, PageFrame.None);

        PageFrame reached = place < _layout.Pages ? Entry(place) : new PageFrame(place - _layout.Pages);
        if (isChecked)
            CheckAccess(address, place, intended, reached);

        if (reached.Number >= _layout.Frames)
            throw new UsageException(
                $"page frame {reached.Number}, which does not exist: the scenario has {_layout.Frames}");

        return reached;
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

    /// <summary>
    /// What one access through an address is ordered by: the page table entry, and the frame that it leads to.
    /// </summary>
    /// <remarks>Nobody lets go if something is found wrong meanwhile, and whoever waits then leaves.</remarks>
    private readonly struct PageHold
    {
        private readonly ThreadRecorder? _recorder;
        private readonly int _entry = -1;
        private readonly int _entryVersion;
        private readonly int _frame = -1;
        private readonly int _frameVersion;

        internal PageHold(ThreadPaging paging, OperationKind kind, VirtualAddress address)
        {
            _recorder = paging._machine.Recording;
            if (_recorder is null)
                return;

            ThreadTask task = ThreadTask.t_current!;
            MmuLayout layout = paging._layout;
            int place = layout.PlaceOf(address);
            if (place < 0)
            {
                _recorder.Add(task, kind, 0, 0, 0);
                return;
            }

            int frame = place - layout.Pages;
            if (place < layout.Pages)
            {
                _entry = layout.PageTableBase + place;
                _entryVersion = _recorder.Hold(_entry);
                _recorder.Add(task, kind, _entry, _entryVersion, 0);
                frame = paging.Entry(place).Number;
            }
            else
            {
                _recorder.Add(task, kind, 0, 0, 0);
            }

            if ((uint)frame < (uint)layout.Frames)
            {
                _frame = paging._mappings + frame;
                _frameVersion = _recorder.Hold(_frame);
                _recorder.Add(task, OperationKind.None, _frame, _frameVersion, 0);
            }
        }

        internal void LetGo()
        {
            if (_frame >= 0)
                _recorder!.LetGo(_frame, _frameVersion);

            if (_entry >= 0)
                _recorder!.LetGo(_entry, _entryVersion);
        }
    }

    private ref int ContentsOf(PageFrame frame) =>
        ref _machine.Words[_layout.FrameBase + (frame.Number * ThreadMemory.LineWords)];
}
