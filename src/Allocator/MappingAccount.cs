using Kmaplab.Allocator.Bookkeeping;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>Who maps what by kmap(): what correct users know about themselves, and the allocator does not.</summary>
/// <remarks>
/// The port's doors keep it, kmap() and kunmap() and behind them kmap_high() and kunmap_high(), so it is right whoever
/// calls them. A permanent mapping belongs to nobody, so a task may unmap what another one has mapped: the mapping has
/// changed hands. Only an unmap of what nobody has mapped is wrong for everybody. An interrupt may not call kmap() at
/// all, which others notice; what interrupts map by kmap_high() is counted for all of them together.
/// </remarks>
[KernelObject]
public sealed partial class MappingAccount<TKernel>
    where TKernel : struct, IKernel
{
    private const int Looks = 3; // On threads; elsewhere each look sees the same.

    private readonly TKernel _kernel;
    private readonly MemoryMap _map;
    private readonly UseCounts<TKernel> _uses;
    private readonly SharedArray<TKernel> _wanted; // The page, plus 1, that a task is mapping right now.
    private readonly SharedArray<TKernel> _unmapping; // 1 while a task is in kunmap().
    private readonly SharedArray<TKernel> _takers; // By page, who has last unmapped what it had not mapped, plus 1.
    private readonly SharedArray<TKernel>? _interruptUses; // By page; null on a machine without interrupts.

    internal MappingAccount(IKernelBoot<TKernel> boot, KmapConfig config)
    {
        const RegionRole Role = RegionRole.Bookkeeping;
        MemoryMap map = config.Pages;
        int tasks = config.Tasks;
        _kernel = boot.Kernel;
        _map = map;
        Tasks = tasks;
        _uses = new UseCounts<TKernel>(boot, tasks, map.Count);
        _wanted = SharedArray<TKernel>.Create(
            boot,
            "wanted",
            tasks,
            Protection.None,
            WordSort.Frame,
            IndexSort.Task,
            Role);
        _unmapping = SharedArray<TKernel>.Create(
            boot,
            "unmapping",
            tasks,
            Protection.None,
            index: IndexSort.Task,
            role: Role);
        _takers = SharedArray<TKernel>.Create(
            boot,
            "takers",
            map.Count,
            Protection.None,
            WordSort.Context,
            IndexSort.Frame,
            Role);
        if (config.Interrupts > 0)
        {
            _interruptUses = SharedArray<TKernel>.Create(
                boot,
                "interrupt_uses",
                map.Count,
                Protection.None,
                index: IndexSort.Frame,
                role: Role);
        }
    }

    /// <summary>Number of tasks.</summary>
    public int Tasks { get; }

    private int Me => _kernel.CurrentTask.Number;

    private bool IsTask => (uint)Me < (uint)Tasks;

    /// <summary>How often a task has a page mapped.</summary>
    public int UsesOf(int task, int page) => _uses.Of(task, page);

    /// <summary>The first page that a task has mapped; none if it has none.</summary>
    internal Page FirstMappedBy(int task) => new(_uses.FirstOf(task));

    /// <summary>The page that a task is mapping right now; none if it is in no kmap().</summary>
    public Page WantedBy(int task) => new(_wanted.Peek(task) - 1);

    /// <summary>All uses of high memory, by tasks and by interrupts.</summary>
    public int Mapped
    {
        get
        {
            int mapped = 0;
            for (int page = 0; page < _map.Count; page++)
            {
                if (!_map.IsHighmem(new Page(page)))
                    continue;

                for (int task = 0; task < Tasks; task++)
                    mapped += UsesOf(task, page);

                mapped += _interruptUses?.Peek(page) ?? 0;
            }

            return mapped;
        }
    }

    /// <summary>Number of tasks that are in kunmap().</summary>
    public int Unmapping
    {
        get
        {
            int unmapping = 0;
            for (int task = 0; task < Tasks; task++)
                unmapping += _unmapping.Peek(task);

            return unmapping;
        }
    }

    /// <summary>
    /// A mapping changes hands: the running task has no longer to give it back, and <paramref name="heir"/> has.
    /// </summary>
    public void HandOver(Page page, TaskId heir)
    {
        if (IsTask && UsesOf(Me, page.Number) > 0)
        {
            _uses.Add(heir.Number, page.Number); // First, so that there is no moment at which nobody has it.
            if (_uses.TryTake(Me, page.Number))
                return;

            _uses.TryTake(heir.Number, page.Number); // Somebody has unmapped it meanwhile.
        }

        _kernel.Fail(
            FailureClass.ReferenceCount,
            $"{page} cannot be handed over by {_kernel.CurrentTask}, which has not mapped it");
    }

    /// <summary>Whether the running call of kmap() is in the account already; an interrupt's never is.</summary>
    internal bool IsMapping(Page page)
    {
        int me = Me;
        return (uint)me >= (uint)Tasks || _wanted[me] == page.Number + 1;
    }

    /// <summary>Whether the running call of kunmap() is in the account already; an interrupt's never is.</summary>
    internal bool IsUnmapping
    {
        get
        {
            int me = Me;
            return (uint)me >= (uint)Tasks || _unmapping[me] != 0;
        }
    }

    internal void BeginMap(Page page)
    {
        int me = Me;
        if ((uint)me < (uint)Tasks)
            _wanted[me] = page.Number + 1;
    }

    internal void EndMap(Page page)
    {
        int me = Me;
        if ((uint)me < (uint)Tasks)
        {
            _wanted[me] = 0;
            _uses.Add(me, page.Number);
            _takers[page.Number] = 0;
        }

        _kernel.OperationDone();
    }

    internal void BeginUnmap(Page page)
    {
        int me = Me;
        if ((uint)me >= (uint)Tasks)
            return;

        _unmapping[me] = 1;
        if (!_uses.TryTake(me, page.Number))
            UnmapForOther(me, page);
    }

    internal void EndUnmap()
    {
        int me = Me;
        if ((uint)me < (uint)Tasks)
            _unmapping[me] = 0;

        _kernel.OperationDone();
    }

    /// <summary>
    /// Whether nobody has a page mapped any more. Not if somebody has unmapped what another one had mapped: whose a
    /// use is then nobody can say, and the unmap without a mapping is the cause.
    /// </summary>
    internal bool IsGivenBack(Page page)
    {
        int me = Me;
        if ((uint)me < (uint)Tasks && UsesOf(me, page.Number) > 0)
            return false; // So it is hardly ever asked any further.

        if (_takers.Peek(page.Number) != 0 || (_interruptUses?.Peek(page.Number) ?? 0) != 0)
            return false;

        for (int task = 0; task < Tasks; task++)
        {
            if (UsesOf(task, page.Number) > 0)
                return false;
        }

        return true;
    }

    /// <summary>kmap_high() has counted a user. One who came past kmap() is in no account yet.</summary>
    internal void NoteUser(Page page)
    {
        int me = Me;
        if ((uint)me >= (uint)Tasks)
        {
            if (_interruptUses is { } uses)
                uses[page.Number]++;
        }
        else if (_wanted[me] != page.Number + 1)
        {
            EndMap(page);
        }
    }

    /// <summary>kunmap_high() has counted a user less, perhaps of one who came past kunmap().</summary>
    internal void NoteUserGone(Page page)
    {
        int me = Me;
        if ((uint)me >= (uint)Tasks)
        {
            if (_interruptUses is not null && !TryTakeFromAny(page))
                ReportUnmapOfNothing(page);
        }
        else if (_unmapping[me] == 0)
        {
            BeginUnmap(page);
            EndUnmap();
        }
    }

    private void UnmapForOther(int me, Page page)
    {
        // A mapping that is handed over at this moment may be where nobody looks any more: so look again.
        for (int look = 0; look < Looks; look++)
        {
            if (!TryTakeFromAny(page))
                continue;

            _takers[page.Number] = me + 1;
            return;
        }

        ReportUnmapOfNothing(page);
    }

    private bool TryTakeFromAny(Page page)
    {
        if (_interruptUses is { } uses && uses[page.Number] > 0)
        {
            uses[page.Number]--;
            return true;
        }

        for (int task = 0; task < Tasks; task++)
        {
            if (_uses.TryTake(task, page.Number))
                return true;
        }

        return false;
    }

    // The kernel counts users and does not know them, so to it a second kunmap() looks like another user's.
    private void ReportUnmapOfNothing(Page page)
    {
        int taker = _takers.Peek(page.Number) - 1;
        string who = taker < 0 ? "" : $"; task {taker} has unmapped it without having mapped it";
        _kernel.Fail(FailureClass.ReferenceCount, $"kunmap of {page}, which nobody has mapped{who}");
    }
}
