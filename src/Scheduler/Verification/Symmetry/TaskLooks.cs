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
    private readonly FrameCache _frames;
    private readonly RenamedStacks _renamed;
    private readonly NumberedRenamings _pageRenamings;
    private readonly ulong[] _shows; // For each word at which contexts' looks it may be seen; empty if not known.
    private ulong[] _asFirst = []; // Looks of stacks, by stack and task; 0 for those that are not known yet.
    private Seen? _seen;

    internal TaskLooks(
        MachineImage image, FrameCache frames, RenamedStacks renamed, NumberedRenamings pageRenamings)
    {
        _image = image;
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

    /// <summary>
    /// Looks at those like tasks of a state at which one can see that words have changed; the others look as they did
    /// before.
    /// </summary>
    internal void After(
        int[] memory, int[] stacks, ReadOnlySpan<ulong> before, ReadOnlySpan<int> changedWords, ulong[] looks)
    {
        if (_shows.Length == 0)
        {
            Of(memory, stacks, looks);
            return;
        }

        ulong changed = 0;
        foreach (int word in changedWords)
            changed |= _shows[word];

        before.CopyTo(looks);
        foreach (TaskGroup group in _image.Hints.Interchangeable)
        {
            for (int member = 0; member < group.Tasks; member++)
            {
                int task = group.FirstTask + member;
                if (((changed >> task) & 1) != 0)
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
        if (_seen?.Memory != memory)
            _seen = new Seen(memory, _image);

        Seen seen = _seen;
        int task = group.FirstTask + member;
        var look = new LookHash();
        look.Add(AsFirstMember(group, member, stacks[task]));
        TaskTable tasks = seen.Tasks;
        look.Add((int)tasks.State(task), ((int)tasks.Status(task) << 8) | (int)tasks.Operation(task));
        look.Add(tasks.PreemptCount(task), tasks.Locks(task));
        foreach (int queue in _image.QueueAddresses)
            look.Add(seen.Queues.PositionOf(queue, task), 0);

        int first = PageOf(group, member, 0);
        MmuTable mmu = seen.Mmu;
        int slots = mmu.Pages;
        for (int slot = 0; slot < slots; slot++)
        {
            look.Add(
                Relative(mmu.Entry(slot).Number, first, group.PagesEach),
                Relative(mmu.Cached(task, slot).Number, first, group.PagesEach));
        }

        for (int page = 0; page < group.PagesEach; page++)
            look.Add(mmu.Contents(first + page) == 0 ? 0 : 1, 0);

        return look.Value;
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

    /// <summary>
    /// Memory as somebody sees it who is part of no step: nothing is logged, and so it is fast.
    /// </summary>
    private sealed class Seen
    {
        internal Seen(int[] memory, MachineImage image)
        {
            Memory = memory;
            Tasks = new TaskTable(memory, image.Tasks.Count, image.Contexts);
            Queues = new WaitQueueTable(memory, Tasks);
            Mmu = new MmuTable(memory, image.Mmu);
        }

        internal int[] Memory { get; }

        internal TaskTable Tasks { get; }

        internal WaitQueueTable Queues { get; }

        internal MmuTable Mmu { get; }
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
