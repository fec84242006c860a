using System.Reflection;
using Kmaplab.Allocator.Memory;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Allocator;

/// <summary>
/// A scenario whose tasks use kmap and kunmap: it boots the allocator and keeps account of who maps what.
/// </summary>
/// <remarks>
/// The account (<see cref="MappingAccount{TKernel}"/>) is kept by the port's kmap() and kunmap(). The checks at the
/// end, and the explanation of a deadlock, compare it with what the allocator believes.
/// </remarks>
[KmapParameters]
public abstract partial class KmapScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private MappingAccount<TKernel> _account = null!;
    private int _tasks;
    private int _pages;

    /// <summary>Makes the port; a variant puts its own here.</summary>
    public Func<IKernelBoot<TKernel>, KmapConfig, HighMemory<TKernel>> Port { get; set; } =
        (boot, config) => new HighMemory<TKernel>(boot, config);

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

        Port = (boot, config) => New(variant, boot, config);
    }

    private static HighMemory<TKernel> New(Type variant, IKernelBoot<TKernel> boot, KmapConfig config)
    {
        try
        {
            return (HighMemory<TKernel>)
                Activator.CreateInstance(
                    variant,
                    BindingFlags.DoNotWrapExceptions | BindingFlags.Instance | BindingFlags.Public,
                    binder: null,
                    [boot, config],
                    culture: null
                )!;
        }
        catch (MissingMethodException)
        {
            throw new UsageException(
                $"{variant.Name.Split('`')[0]} in {variant.Assembly.GetName().Name} is no variant of kmap: it needs a "
                + "public constructor that takes "
                + "(IKernelBoot<TKernel> boot, KmapConfig config) and nothing else");
        }
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
        Highmem = Port(
            boot,
            new KmapConfig(MemoryMap.Create(_pages, low), new PkmapLayout(PkmapLayout.DefaultBase, size.Slots))
            {
                Fixmap = FixmapOf(size),
                Tasks = _tasks,
                Interrupts = Interrupts(size),
                Release = KernelRelease.TryParse(size.Release, out KernelRelease? release)
                    ? release
                    : throw new UsageException(
                        $"there is no port of Linux '{size.Release}', only of {string.Join(", ", KernelRelease.All)}"),
            }
        );
        _account = Highmem.Account!;
        SpawnTasks(boot);
        boot.AtEnd(FindLeak);
        boot.WhenStuck(FindSlotOfTheDead);
        boot.Always(Highmem.FindBrokenInvariant);
        boot.ExplainWaits(ExplainWait);
    }

    /// <summary>Lays out what else the scenario needs, and spawns its tasks.</summary>
    protected abstract void SpawnTasks(IKernelBoot<TKernel> boot);

    /// <summary>Spawns all tasks, each on a page of its own as far as there are pages.</summary>
    protected void SpawnWithPages(IKernelBoot<TKernel> boot, string name, Func<Page, KernelTask> body)
    {
        ArgumentNullException.ThrowIfNull(boot);
        if (Size.Pages < 1)
            throw new UsageException(
                $"{GetType().Name.Split('`')[0]} gives each task a page and has none: let [Scenario] say Pages, or "
                + "override PagesOf()");

        for (int task = 0; task < Size.Tasks; task++)
        {
            var page = new Page(task % Size.Pages);
            boot.Spawn(name, () => body(page));
        }
    }

    /// <summary>kmap(), with account.</summary>
    protected async KernelTask<VirtualAddress> Map(Page page)
    {
        _account.BeginMap(page);
        VirtualAddress address = await Highmem.Kmap(page);
        _account.EndMap(page);
        return address;
    }

    /// <summary>kunmap(), with account.</summary>
    protected async KernelTask Unmap(Page page)
    {
        _account.BeginUnmap(page);
        await Highmem.Kunmap(page);
        _account.EndUnmap();
    }

    /// <summary>
    /// Tells that another task will unmap a page that the running one has mapped. Nothing happens in the kernel, to
    /// which a mapping is nobody's.
    /// </summary>
    protected void HandOver(Page page, TaskId heir) => _account.HandOver(page, heir);

    /// <summary>Writes the page's own mark through its address, and reads it back.</summary>
    protected async KernelTask Use(VirtualAddress address, Page page)
    {
        await Kernel.Store(address, page.Frame, MarkOf(page));
        int read = await Kernel.Load(address, page.Frame);
        CheckMark(address, page, read);
    }

    /// <summary>
    /// <see cref="Map"/>, <see cref="Use"/> and <see cref="Unmap"/>, in one function because most executions are spent
    /// here.
    /// </summary>
    protected async KernelTask MapUseUnmap(Page page)
    {
        _account.BeginMap(page);
        VirtualAddress address = await Highmem.Kmap(page);
        _account.EndMap(page);

        await Kernel.Store(address, page.Frame, MarkOf(page));
        int read = await Kernel.Load(address, page.Frame);
        CheckMark(address, page, read);

        address = default; // Nobody needs it any more, and what is left in a local tells states apart.
        _account.BeginUnmap(page);
        await Highmem.Kunmap(page);
        _account.EndUnmap();
    }

    private static int MarkOf(Page page) => page.Number + 1;

    private void CheckMark(VirtualAddress address, Page page, int read)
    {
        if (read != MarkOf(page))
            Kernel.Fail(
                FailureClass.Assertion,
                $"{page} at {address} should contain {MarkOf(page)} and contains {read}");
    }

    private Finding? FindLeak()
    {
        for (int task = 0; task < _tasks; task++)
        {
            if (_account.FirstMappedBy(task) is { IsNone: false } page)
            {
                int uses = _account.UsesOf(task, page.Number);
                return new Finding(
                    FailureClass.Leak,
                    $"task {task} has ended with {Counted.Of(uses, "mapping")} of {page}{SlotOf(page.Number)}");
            }
        }

        for (int slot = 0; slot < Highmem.Layout.Slots; slot++)
        {
            if (Highmem.CountOf(slot) >= 2)
            {
                int users = Highmem.CountOf(slot) - 1;
                return new Finding(
                    FailureClass.Leak,
                    $"slot {slot} still has {users} {(users == 1 ? "user" : "users")} after everybody has unmapped "
                    + "what it mapped");
            }
        }

        return null;
    }

    /// <summary>Somebody wants a slot, all are in use, and one by a task that will never give it back.</summary>
    private Finding? FindSlotOfTheDead(Func<TaskId, bool> hasEnded)
    {
        bool isWanted = false;
        for (int task = 0; task < _tasks; task++)
            isWanted |= !hasEnded(new TaskId(task)) && !_account.WantedBy(task).IsNone;

        for (int slot = 0; slot < Highmem.Layout.Slots; slot++)
            isWanted &= Highmem.CountOf(slot) >= 2;

        for (int slot = 0; isWanted && slot < Highmem.Layout.Slots; slot++)
        {
            int page = Highmem.PageIn(slot).Number;
            for (int task = 0; page >= 0 && task < _tasks; task++)
            {
                if (hasEnded(new TaskId(task)) && _account.UsesOf(task, page) > 0)
                    return new Finding(
                        FailureClass.Leak,
                        $"slot {slot} is held by task {task}, which has ended: it still has page {page} mapped");
            }
        }

        return null;
    }

    private IEnumerable<string> ExplainWait(TaskId task)
    {
        Page wanted = _account.WantedBy(task.Number);
        if (!wanted.IsNone)
            yield return $"wants page {wanted.Number} mapped";

        for (int page = 0; page < _pages; page++)
        {
            int uses = _account.UsesOf(task.Number, page);
            if (uses > 0)
                yield return $"holds {Counted.Of(uses, "mapping")} of page {page}{SlotOf(page)}";
        }
    }

    private string SlotOf(int page)
    {
        for (int slot = 0; slot < Highmem.Layout.Slots; slot++)
        {
            if (Highmem.PageIn(slot).Number == page)
                return $", in slot {slot}";
        }

        return "";
    }
}

/// <summary>The parameters of kmap as parts of a size.</summary>
public static class KmapSize
{
    extension(ScenarioSize size)
    {
        /// <summary>The kernel release that is ported; the latest, for a size that was made by hand.</summary>
        public string Release =>
            IsByHand(size) ? KernelRelease.Latest.Name : size.Parameters.Text(KmapParameters.Release);

        /// <summary>CONFIG_DEBUG_HIGHMEM; off, for a size that was made by hand.</summary>
        public bool DebugHighmem => !IsByHand(size) && size.Parameters.IsOn(KmapParameters.DebugHighmem);
    }

    // An experiment has a value for each; that one is missing must not pass for a default.
    private static bool IsByHand(ScenarioSize size) => size.Parameters.Values.Count == 0;
}
