using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Memory;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>The page table and the page frames, and what is wrong with how they are used.</summary>
/// <remarks>
/// Who uses a mapping in the right way has a hold on it, so nobody changes the entry meanwhile: a look at it is as good
/// as a lock. Two checks compare entries with each other, and are made under the lock that guards them all.
/// </remarks>
internal sealed unsafe partial class ThreadPaging(ThreadMachine machine) : IDisposable
{
    private readonly ThreadMachine _machine = machine;
    private readonly List<MappedRegion> _regions = [];
    private readonly List<(int First, int Pages, Func<int, string> NameOf)> _names = [];
    private readonly List<(int First, int Pages, Func<int, bool> IsInUse)> _uses = [];
    private readonly List<(int First, int Pages, Func<int, PageFrame, bool> IsGivenBack)> _givenBack = [];
    private readonly List<Func<PageFrame, bool>> _free = [];
    private MmuLayout _layout = new([], 0, 0, 0, 0, 0, 0);
    private int _table; // The first entry.
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

    internal void DeclareGivenBack(int first, int pages, Func<int, PageFrame, bool> isGivenBack) =>
        _givenBack.Add((first, pages, isGivenBack));

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
        _table = table;
        _mappings = memory.Allocate(_layout.Frames);
        _users = memory.Allocate(_layout.Pages);
        Real = isReal ? new RealMemory(_layout) : null;
    }

    /// <summary>The place that an address names; -1 if it names none.</summary>
    internal int PlaceOf(VirtualAddress address) => _layout.PlaceOf(address);

    /// <inheritdoc/>
    public void Dispose() => Real?.Dispose();

    internal PageFrame Entry(int page) => new(Volatile.Read(ref _machine.Words[_table + page]) - 1);

    /// <summary>All entries, in a copy of memory.</summary>
    internal int[] EntriesIn(int[] words) =>
        words[_layout.PageTableBase..(_layout.PageTableBase + _layout.Pages)];

    /// <summary>What all frames contain, where they are words, in a copy of memory.</summary>
    internal int[] ContentsIn(int[] words) =>
        [.. Enumerable.Range(0, _layout.Frames).Select(frame => words[ContentsAt(frame)])];

    internal void SetEntry(int page, PageFrame frame)
    {
        Volatile.Write(ref _machine.Words[_table + page], frame.Number + 1);
        Real?.SetEntry(page, frame);
    }

    internal void SetEntryChecked(int page, PageFrame frame)
    {
        int entry = _table + page;
        ThreadRecorder? recorder = ThreadTask.t_current is null ? null : _machine.Recording;
        int version = recorder?.Hold(entry) ?? 0;
        recorder?.Add(ThreadTask.t_current!, OperationKind.None, entry, version, 0);
        CheckChange(page, frame);
        SetEntry(page, frame);
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

    private ref int ContentsOf(PageFrame frame) =>
        ref _machine.Words[ContentsAt(frame.Number)];

    private int ContentsAt(int frame) => _layout.FrameBase + (frame * ThreadMemory.LineWords);
}
