using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Tests.Modules;

/// <summary>What somebody else's assembly may contain: a scenario in which a task forgets to unmap.</summary>
[Race("forgets", FailureClass.Leak, Story = "The task ends without having unmapped its page.")]
[Scenario("forgetful", "a task maps a page and ends", Tasks = 1, Slots = 1, Pages = 1)]
public sealed class Forgetful<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
            boot.Spawn("forgetful", Worker);
    }

    private async KernelTask Worker() => await Map(new Page(0));
}

/// <summary>A scenario without sizes, whose only task counts for long and stops.</summary>
[Scenario("counter", "a task counts to 200", Uses = SizeParts.None)]
public sealed class CounterOfModule<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _count;

    public override int Tasks(ScenarioSize size) => 1;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _count = Shared<TKernel>.Create(boot, "count", guard: -1);
        boot.Spawn("counter", Count);
    }

    private async KernelTask Count()
    {
        for (int i = 0; i < 200; i++)
            await _count.FetchAdd(1);
    }
}

/// <summary>
/// Each task reads its bucket and writes it back with one more. What is wrong depends on the parameter alone: in one
/// bucket an addition is lost.
/// </summary>
[Scenario("table", "tasks count in their buckets of a table", Uses = SizeParts.Tasks)]
[Parameter("buckets", Default = 4, Min = 1, Max = 64, PowerOfTwo = true, Summary = "Buckets of the table")]
[Parameter("add", Default = 1, Min = -9, Max = 9, Summary = "What each task adds")]
[Race("table-crowded", FailureClass.Assertion, Scenario = "table", Set = ["buckets=1"])]
public sealed class Table<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private SharedArray<TKernel> _counts;
    private int _buckets;
    private int _add;

    public override int Pages(ScenarioSize size) => 0;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _buckets = size.Parameters.Int("buckets");
        _add = size.Parameters.Int("add");
        _counts = SharedArray<TKernel>.Create(boot, "count", _buckets, Protection.Marked);
        for (int task = 0; task < size.Tasks; task++)
        {
            int bucket = task % _buckets;
            boot.Spawn("counter", () => Count(bucket));
        }

        boot.AtEnd(() => Enumerable.Range(0, _buckets).Sum(_counts.Peek) == _add * size.Tasks
            ? null
            : new Finding(FailureClass.Assertion, $"{size.Tasks} tasks have added {_add} each, and one is lost"));
    }

    private async KernelTask Count(int bucket)
    {
        int count = await _counts.ReadOnce(bucket);
        await _counts.WriteOnce(bucket, count + _add);
    }
}

/// <summary>A scenario that needs a page for each task and one for all, unless told otherwise.</summary>
[Scenario("paged", "tasks look at their pages", Uses = SizeParts.Tasks | SizeParts.Pages)]
public sealed class Paged<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    public override int Pages(ScenarioSize size) => size.Pages == 0 ? size.Tasks + 1 : size.Pages;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        boot.CreateFrames(size.Pages, low: 0);
        for (int task = 0; task < size.Tasks; task++)
            boot.Spawn("reader", () => default);
    }
}

/// <summary>A task that awaits nothing, until the test is over.</summary>
[Scenario("looping", "a task loops without awaiting anything", Tasks = 1, Slots = 1, Pages = 1)]
public sealed class Looping<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    protected override void SpawnTasks(IKernelBoot<TKernel> boot) => boot.Spawn("looper", Worker);

    private async KernelTask Worker()
    {
        await MapUseUnmap(new Page(0));
        Looping.Loop();
    }
}

/// <summary>A task for which a part of its module is missing.</summary>
[Scenario("incomplete", "a task needs an assembly that is not there", Tasks = 1, Slots = 1, Pages = 1)]
public sealed class Incomplete<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    protected override void SpawnTasks(IKernelBoot<TKernel> boot) => boot.Spawn("loader", Worker);

    private async KernelTask Worker()
    {
        await MapUseUnmap(new Page(0));
        throw new FileNotFoundException("could not load the assembly 'part'");
    }
}

/// <summary>A scenario without pages.</summary>
[Scenario("pageless", "a task fails, and there are no pages", Tasks = 1, Pages = 0, Uses = SizeParts.Tasks)]
public sealed class Pageless<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private SharedArray<TKernel> _word;

    public override int Tasks(ScenarioSize size) => size.Tasks;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _word = SharedArray<TKernel>.Create(boot, "word", 1, Protection.Marked);
        for (int task = 0; task < size.Tasks; task++)
            boot.Spawn("thrower", Worker);
    }

    private async KernelTask Worker()
    {
        await _word.WriteOnce(0, 1);
        throw new InvalidOperationException("as it shall");
    }
}

/// <summary>A task that calls itself for ever.</summary>
[Scenario("recursing", "a task calls itself without end", Tasks = 1, Slots = 1, Pages = 1)]
public sealed class Recursing<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    protected override void SpawnTasks(IKernelBoot<TKernel> boot) => boot.Spawn("recurser", Worker);

    private async KernelTask Worker()
    {
        await MapUseUnmap(new Page(0));
        await Down(1);
    }

    private async KernelTask Down(int depth)
    {
        await Down(depth + 1);
        await MapUseUnmap(new Page(0));
    }
}

/// <summary>A detector that never reports.</summary>
[Detector("blind", "sees nothing")]
public sealed class BlindDetector : Detector
{
    public override MachineEvents Events => MachineEvents.Quiescent;
}

/// <summary>A strategy that lets whoever comes last go first.</summary>
[Strategy("backwards", "the last of all that can happen")]
public sealed class Backwards(ulong seed) : SearchStrategy
{
    public override string Name => "backwards";

    public ulong Seed { get; } = seed;

    public override void Begin(long execution)
    {
    }

    public override int Choose(in SchedulingPoint point) => point.Enabled.Length - 1;
}

/// <summary>A strategy that picks what is not there.</summary>
[Strategy("beyond", "one more than there are")]
public sealed class Beyond(ulong seed) : SearchStrategy
{
    public override string Name => "beyond";

    public ulong Seed { get; } = seed;

    public override void Begin(long execution)
    {
    }

    public override int Choose(in SchedulingPoint point) => point.Enabled.Length;
}

/// <summary>What says that it is a strategy, and is none.</summary>
[Strategy("seedless", "without a seed")]
public sealed class Seedless;

/// <summary>The loop of <see cref="Looping{TKernel}"/>.</summary>
internal static class Looping
{
    private static volatile bool s_goes;

    internal static bool Goes
    {
        set => s_goes = value;
    }

    internal static void Loop()
    {
        while (s_goes)
        {
        }
    }
}
