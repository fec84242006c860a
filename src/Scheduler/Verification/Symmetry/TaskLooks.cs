using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>
/// What like tasks look like, without their numbers and those of their pages: by this they are sorted.
/// </summary>
/// <remarks>
/// A look that says too little, or is out of date, makes two states stand where one could, as whatever order tasks are
/// put into is one that they may have: it can cost states, and nothing else. One thread, one object.
/// </remarks>
internal sealed class TaskLooks
{
    private const int ContextsMax = 64;

    private readonly MachineImage _image;
    private readonly MmuLayout _mmu;
    private readonly FrameCache _frames;
    private readonly RenamedStacks _renamed;
    private readonly NumberedRenamings _pageRenamings;
    private readonly ulong[] _shows; // For each word at which contexts' looks it may be seen; empty if not known.
    private ulong[] _asFirst = []; // Looks of stacks, by stack and task; 0 for those that are not known yet.

    internal TaskLooks(
        MachineImage image, FrameCache frames, RenamedStacks renamed, NumberedRenamings pageRenamings)
    {
        _image = image;
        _mmu = image.Mmu;
        _frames = frames;
        _renamed = renamed;
        _pageRenamings = pageRenamings;
        _shows = image.Contexts <= ContextsMax ? WhereWordsShow(image) : [];
    }

    /// <summary>Looks at all like tasks of a state.</summary>
    internal void Of(int[] memory, int[] stacks, ulong[] looks)
    {
        foreach (TaskGroup group in _image.Hints.Interchangeable)
        {
            for (int member = 0; member < group.Tasks; member++)
                looks[group.FirstTask + member] = LookOf(group, member, memory, stacks);
        }
    }

    /// <summary>At which contexts one may see that a word has changed: a bit for each of the first 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong WhereSeen(int word) => _shows.Length == 0 ? ulong.MaxValue : _shows[word];

    /// <summary>
    /// Looks at those like tasks of a state at which one can see a change; the others look as they did before.
    /// </summary>
    internal void After(int[] memory, int[] stacks, ReadOnlySpan<ulong> before, ulong changed, ulong[] looks)
    {
        before.CopyTo(looks);
        foreach (TaskGroup group in _image.Hints.Interchangeable)
        {
            for (int member = 0; member < group.Tasks; member++)
            {
                int task = group.FirstTask + member;
                if (task >= ContextsMax || ((changed >> task) & 1) != 0)
                    looks[task] = LookOf(group, member, memory, stacks);
            }
        }
    }

    /// <summary>The number of a page of a member of a group.</summary>
    internal static int PageOf(TaskGroup group, int member, int page) =>
        group.FirstPage + (member * group.PagesEach) + page;

    /// <summary>Exchanges the pages of two members.</summary>
    internal static void Exchange(TaskGroup group, int one, int other, Span<int> pages)
    {
        for (int page = 0; page < group.PagesEach; page++)
        {
            pages[PageOf(group, other, page)] = PageOf(group, one, page);
            pages[PageOf(group, one, page)] = PageOf(group, other, page);
        }
    }

    private static ulong[] WhereWordsShow(MachineImage image)
    {
        ulong[] shows = new ulong[image.Memory.Length];
        for (int context = 0; context < image.Contexts; context++)
        {
            ulong itself = 1UL << context;
            shows.AsSpan(context * TaskTable.Stride, TaskTable.Stride).Fill(itself);
            shows.AsSpan(image.StackBase + (context * MachineBuilder.StackHashWords), MachineBuilder.StackHashWords)
                .Fill(itself);
        }

        AddMemory(image, shows);
        foreach (MemoryRegion region in image.Regions)
        {
            if (image.QueueAddresses.Contains(region.Start))
                shows.AsSpan(region.Start, region.Length).Fill(ulong.MaxValue);
        }

        return shows;
    }

    private static void AddMemory(MachineImage image, ulong[] shows)
    {
        MmuLayout mmu = image.Mmu;
        for (int page = 0; page < mmu.Pages; page++)
        {
            shows[mmu.PageTableBase + page] = ulong.MaxValue;
            for (int cpu = 0; cpu < image.Cpus; cpu++)
                shows[mmu.TlbBase + (cpu * mmu.Pages) + page] = 1UL << cpu;
        }

        for (int frame = 0; frame < mmu.Frames; frame++)
            shows[mmu.FrameBase + frame] = ulong.MaxValue;
    }

    private ulong LookOf(TaskGroup group, int member, int[] memory, int[] stacks)
    {
        int task = group.FirstTask + member;
        (int state, int status, int kind, int preemptCount, int locks) = TaskTable.SituationIn(memory, task);
        var look = new LookHash();
        look.Add(AsFirstMember(group, member, stacks[task]));
        look.Add(state, (status << 8) | kind);
        look.Add(preemptCount, locks);
        foreach (int queue in _image.QueueAddresses)
            look.Add(PositionIn(memory.AsSpan(queue), task), 0);

        int pages = group.PagesEach;
        int first = PageOf(group, member, 0);
        MmuLayout mmu = _mmu;
        int cached = mmu.TlbBase + (task * mmu.Pages);
        for (int slot = 0; slot < mmu.Pages; slot++)
            look.Add(
                Relative(memory[mmu.PageTableBase + slot] - 1, first, pages),
                Relative(memory[cached + slot] - 1, first, pages));

        for (int page = 0; page < pages; page++)
            look.Add(memory[mmu.FrameBase + first + page] == 0 ? 0 : 1, 0);

        return look.Value;
    }

    /// <summary>The place of a task's entry in a queue, from the head; -1 if it has none.</summary>
    private static int PositionIn(ReadOnlySpan<int> queue, int task)
    {
        int entry = WaitQueueTable.EntryOf(task);
        int count = queue[0];
        for (int i = 1; i <= count; i++)
        {
            if ((queue[i] | 1) == (entry | 1))
                return i - 1;
        }

        return -1;
    }

    // Pages of other members look alike: they may be renamed as well.
    private static int Relative(int page, int first, int count) =>
        page < 0 ? -1
        : (uint)(page - first) < (uint)count ? page - first
        : count;

    /// <summary>A hash of a member's stack as it would be if the member were the first of its group.</summary>
    private ulong AsFirstMember(TaskGroup group, int member, int stack)
    {
        if (stack == 0)
            return 0;

        int index = (stack * _image.Contexts) + group.FirstTask + member;
        if (index >= _asFirst.Length)
            Array.Resize(ref _asFirst, Math.Max((stack + 1) * _image.Contexts, _asFirst.Length * 2));

        if (_asFirst[index] == 0)
            _asFirst[index] = LookOfStack(group, member, stack);

        return _asFirst[index];
    }

    private ulong LookOfStack(TaskGroup group, int member, int stack)
    {
        Span<int> names = stackalloc int[_image.Mmu.Frames];
        for (int page = 0; page < names.Length; page++)
            names[page] = page;

        Exchange(group, 0, member, names);
        int renamed = _renamed.Of(stack, names, _pageRenamings.NumberOf(names));
        return (ulong)_frames[renamed]!.ContentHash();
    }

    private struct LookHash
    {
        internal ulong Value { get; private set; }

        internal void Add(int part, int other) => Add(((ulong)(uint)part << 32) | (uint)other);

        internal void Add(ulong part)
        {
            ulong mixed = (Value ^ part) * 0x9E37_79B9_7F4A_7C15;
            Value = mixed ^ (mixed >> 29);
        }
    }
}
