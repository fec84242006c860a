using System.Reflection;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Allocator;

/// <summary>A scenario whose tasks use kmap and kunmap: it boots the allocator and keeps account of who maps what.</summary>
/// <remarks>
/// The account is what a correct user knows about itself. The checks at the end, and the explanation of a deadlock,
/// compare it with what the allocator believes.
/// </remarks>
public abstract class KmapScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private SharedArray<TKernel> _mapped; // Uses of a page by a task: task * pages + page.
    private SharedArray<TKernel> _wanted; // The page, plus 1, that a task is mapping right now.
    private SharedArray<TKernel> _unmapping; // 1 while a task is in kunmap.
    private int _tasks;
    private int _pages;

    /// <summary>Makes the port; a variant puts its own here.</summary>
    public Func<IKernelBoot<TKernel>, KmapConfig, HighMemory<TKernel>> Port { get; set; } = (boot, config) => new HighMemory<TKernel>(boot, config);

    /// <summary>The port under test.</summary>
    protected HighMemory<TKernel> Highmem { get; private set; } = null!;

    /// <summary>The kernel that the scenario runs on.</summary>
    protected TKernel Kernel { get; private set; }

    /// <summary>How big the scenario is.</summary>
    protected ScenarioSize Size { get; private set; } = new();

    /// <summary>Number of pages that the scenario needs.</summary>
    protected virtual int PagesOf(ScenarioSize size) => size.Pages;

    /// <summary>How many of them, from page 0 on, are low memory.</summary>
    protected virtual int LowPagesOf(ScenarioSize size) => 0;

    /// <summary>Where the atomic mappings lie; null, unless the scenario uses them.</summary>
    protected virtual Fixmap? FixmapOf(ScenarioSize size) => null;

    /// <inheritdoc/>
    public sealed override int Pages(ScenarioSize size) => PagesOf(size);

    /// <inheritdoc/>
    public override void UseVariant(Type variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        if (!variant.IsSubclassOf(typeof(HighMemory<TKernel>)))
            throw new UsageException($"{variant.Name} is no variant of kmap: it must be a subclass of HighMemory");

        Port = (boot, config) => (HighMemory<TKernel>)Activator.CreateInstance(
            variant, BindingFlags.DoNotWrapExceptions | BindingFlags.Instance | BindingFlags.Public, binder: null, [boot, config], culture: null)!;
    }

    /// <inheritdoc/>
    public sealed override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(size);
        Kernel = boot.Kernel;
        Size = size;
        _tasks = Tasks(size);
        _pages = PagesOf(size);
        int low = LowPagesOf(size);
        boot.CreateFrames(_pages, low, WordSort.Frame);
        Highmem = Port(boot, new KmapConfig(MemoryMap.Create(_pages, low), new PkmapLayout(PkmapLayout.DefaultBase, size.Slots))
        {
            Fixmap = FixmapOf(size),
            Release = KernelRelease.TryParse(size.Release, out KernelRelease? release)
                ? release
                : throw new UsageException($"there is no port of Linux '{size.Release}', only of {string.Join(", ", KernelRelease.All)}"),
        });
        _mapped = SharedArray<TKernel>.Create(boot, "uses", _tasks * _pages, guard: -1, index: IndexSort.TaskAndFrame, role: RegionRole.Bookkeeping);
        _wanted = SharedArray<TKernel>.Create(boot, "wanted", _tasks, guard: -1, WordSort.Frame, IndexSort.Task, role: RegionRole.Bookkeeping);
        _unmapping = SharedArray<TKernel>.Create(boot, "unmapping", _tasks, guard: -1, index: IndexSort.Task, role: RegionRole.Bookkeeping);
        SpawnTasks(boot);
        boot.AtEnd(FindLeak);
        boot.Always(FindBrokenInvariant);
        boot.ExplainWaits(ExplainWait);
    }

    /// <summary>Lays out what else the scenario needs, and spawns its tasks.</summary>
    protected abstract void SpawnTasks(IKernelBoot<TKernel> boot);

    /// <summary>Spawns all tasks, each on a page of its own as far as there are pages.</summary>
    protected void SpawnWithPages(IKernelBoot<TKernel> boot, string name, Func<Page, KernelTask> body)
    {
        ArgumentNullException.ThrowIfNull(boot);
        for (int task = 0; task < Size.Tasks; task++)
        {
            var page = new Page(task % Size.Pages);
            boot.Spawn(name, () => body(page));
        }
    }

    /// <summary>kmap(), with account.</summary>
    protected async KernelTask<VirtualAddress> Map(Page page)
    {
        BeginMap(page);
        VirtualAddress address = await Highmem.Kmap(page);
        EndMap(page);
        return address;
    }

    /// <summary>kunmap(), with account.</summary>
    protected async KernelTask Unmap(Page page)
    {
        BeginUnmap(page);
        await Highmem.Kunmap(page);
        EndUnmap();
    }

    /// <summary>Writes the page's own mark through its address, and reads it back.</summary>
    protected async KernelTask Use(VirtualAddress address, Page page)
    {
        await Kernel.Store(address, new PageFrame(page.Number), MarkOf(page));
        int read = await Kernel.Load(address, new PageFrame(page.Number));
        CheckMark(address, page, read);
    }

    /// <summary><see cref="Map"/>, <see cref="Use"/> and <see cref="Unmap"/>, in one function because most executions are spent here.</summary>
    protected async KernelTask MapUseUnmap(Page page)
    {
        BeginMap(page);
        VirtualAddress address = await Highmem.Kmap(page);
        EndMap(page);

        await Kernel.Store(address, new PageFrame(page.Number), MarkOf(page));
        int read = await Kernel.Load(address, new PageFrame(page.Number));
        CheckMark(address, page, read);

        address = default; // Nobody needs it any more, and what is left in a local tells states apart.
        BeginUnmap(page);
        await Highmem.Kunmap(page);
        EndUnmap();
    }

    private static int MarkOf(Page page) => page.Number + 1;

    private void BeginMap(Page page) => _wanted[Me] = page.Number + 1;

    private void EndMap(Page page)
    {
        _wanted[Me] = 0;
        _mapped[(Me * _pages) + page.Number]++;
        Kernel.OperationDone();
    }

    private void BeginUnmap(Page page)
    {
        ref int uses = ref _mapped[(Me * _pages) + page.Number];
        if (uses == 0)
            ReportForeignUnmap(page);

        uses--;
        _unmapping[Me] = 1;
    }

    private void EndUnmap()
    {
        _unmapping[Me] = 0;
        Kernel.OperationDone();
    }

    private void CheckMark(VirtualAddress address, Page page, int read)
    {
        if (read != MarkOf(page))
            Kernel.Fail(FailureClass.Assertion, $"{page} at {address} should contain {MarkOf(page)} and contains {read}");
    }

    private int Me => Kernel.CurrentTask.Number;

    // The kernel counts users and does not know them, so to it a second kunmap looks like another user's.
    private void ReportForeignUnmap(Page page)
    {
        string[] users = [.. Enumerable.Range(0, _tasks).Where(task => _mapped.Peek((task * _pages) + page.Number) > 0).Select(task => $"task {task}")];
        string whose = users.Length == 0 ? "nobody has it mapped" : $"so it takes away the mapping of {string.Join(" or ", users)}";
        Kernel.Fail(FailureClass.ReferenceCount, $"kunmap of {page}, which task {Me} has not mapped: {whose}");
    }

    private EndCheck? FindBrokenInvariant()
    {
        int mapped = 0;
        for (int i = 0; i < _tasks * _pages; i++)
            mapped += _mapped.Peek(i);

        int unmapping = 0;
        for (int task = 0; task < _tasks; task++)
            unmapping += _unmapping.Peek(task);

        return Highmem.FindBrokenInvariant(mapped, unmapping);
    }

    private EndCheck? FindLeak()
    {
        for (int i = 0; i < _tasks * _pages; i++)
        {
            if (_mapped.Peek(i) != 0)
                return new EndCheck(FailureClass.Leak, $"task {i / _pages} has ended with {_mapped.Peek(i)} mappings of page {i % _pages}");
        }

        for (int slot = 0; slot < Highmem.Layout.Slots; slot++)
        {
            if (Highmem.CountOf(slot) >= 2)
                return new EndCheck(FailureClass.Leak, $"slot {slot} still has {Highmem.CountOf(slot) - 1} users after everybody has unmapped what it mapped");
        }

        return null;
    }

    private IEnumerable<string> ExplainWait(TaskId task)
    {
        if (_mapped.Length == 0)
            yield break;

        int wanted = _wanted.Peek(task.Number);
        if (wanted != 0)
            yield return $"wants page {wanted - 1} mapped";

        for (int page = 0; page < _pages; page++)
        {
            int uses = _mapped.Peek((task.Number * _pages) + page);
            if (uses > 0)
                yield return $"holds {uses} {(uses == 1 ? "mapping" : "mappings")} of page {page}";
        }
    }
}
