using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>What every strategy of the library must hold to, so that "nothing wrong" means something.</summary>
[KernelObject]
public sealed class StrategyTests
{
    private const ulong Seed = 1;

    private static readonly StrategyCatalogue s_catalogue = new();

    private Shared<SimulatedKernel> _word;

    public static TheoryData<string> Strategies => [.. s_catalogue.Entries.Select(entry => entry.Name)];

    [Fact]
    public void The_library_has_twelve() => Assert.Equal(
        "auto delay guided kinds pct pos preemptions random rare starve surw urw",
        string.Join(' ', s_catalogue.Entries.Select(entry => entry.Name)));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Its_name_is_the_one_by_which_users_ask_for_it(string name) => Assert.Equal(name, Create(name).Name);

    [Theory]
    [MemberData(nameof(Strategies))]
    public void It_reaches_every_interleaving_of_two_tasks_that_write_to_one_word(string name) =>
        Assert.Equal(20, StrategyOddsTests.Count(Create(name)).Count);

    [Theory]
    [MemberData(nameof(Strategies))]
    public void It_reaches_every_outcome_on_a_machine_with_one_cpu_preemption_and_an_interrupt(string name)
    {
        string[] every = Interrupted().Logs();
        InterruptedMachine machine = Interrupted();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var running = new Machine(machine.Image);
        var execution = new Execution(running, stepsMax: 1000);
        SearchStrategy strategy = Create(name);
        for (int number = 1; number <= 20_000; number++)
        {
            execution.Run(strategy, number);
            seen.Add(machine.LogOf(running));
        }

        Assert.True(every.Length > 10, string.Join(' ', every));
        Assert.Equal(every, seen);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void It_starves_nobody_for_ever(string name)
    {
        // Task 0 never ends; task 1 fails with its first step.
        Shared<SimulatedKernel> word = default;
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            boot.Spawn("endless", Endless);
            boot.Spawn("fails", Fails);
        });
        var execution = new Execution(new Machine(image), stepsMax: 100_000);
        SearchStrategy strategy = Create(name);
        for (int number = 1; number <= 50; number++)
        {
            execution.Run(strategy, number);
            execution.Finding.AssertFound(FailureClass.Assertion, "reached");
        }

        async KernelTask Endless()
        {
            while (true)
                await word.FetchAdd(1);
        }

        async KernelTask Fails()
        {
            await word.ReadOnce();
            default(SimulatedKernel).Fail(FailureClass.Assertion, "reached");
        }
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void The_same_seed_gives_the_same_report_whoever_runs_the_chunks(string name)
    {
        // It fails so seldom that the first failure is beyond the first chunk with some strategies.
        MachineImage image = SamplePrograms.Reorder(setters: 4).Image;
        var options = new ExplorerOptions
        {
            Executions = (4 * SearchStrategy.ChunkSize) + 7,
            KeepGoing = true,
            WarmUpSteps = 0,
        };
        ExplorationReport one = Explore(image, name, options);
        ExplorationReport three = Explore(image, name, options with { Jobs = 3 });

        Assert.Equal(one, three);
        Assert.True(one.Steps > 0);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void What_a_chunk_shows_does_not_depend_on_those_before_it(string name)
    {
        var execution = new Execution(new Machine(SamplePrograms.Reorder(setters: 4).Image), stepsMax: 1000);
        string[] fresh = Run(execution, Create(name), from: SearchStrategy.ChunkSize + 1);
        SearchStrategy used = Create(name);
        Run(execution, used, from: 1);

        Assert.Equal(fresh, Run(execution, used, from: SearchStrategy.ChunkSize + 1));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Another_seed_gives_other_schedules(string name)
    {
        var execution = new Execution(new Machine(SamplePrograms.Reorder(setters: 4).Image), stepsMax: 1000);

        SearchStrategy other = s_catalogue.Strategy(name).Create(Seed + 1);

        Assert.NotEqual(Run(execution, Create(name), from: 1), Run(execution, other, from: 1));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void It_allocates_nothing_in_a_step(string name)
    {
        MachineImage image = SmallMachine.Boot(3, boot =>
        {
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            for (int task = 0; task < 3; task++)
                boot.Spawn("test", Add);
        });
        var execution = new Execution(new Machine(image), stepsMax: 1000);
        var metered = new MeteredStrategy(Create(name));
        for (int number = 1; number <= SearchStrategy.ChunkSize; number++)
            execution.Run(metered, number);

        metered.Allocated = 0; // It has its arrays by now.
        for (int number = SearchStrategy.ChunkSize + 1; number <= 3 * SearchStrategy.ChunkSize; number++)
            execution.Run(metered, number);

        Assert.Equal(0, metered.Allocated);
        Assert.True(metered.Choices > 5_000);
    }

    private async KernelTask Add()
    {
        for (int i = 0; i < 5; i++)
            await _word.FetchAdd(1);
    }

    /// <summary>Measures what another strategy allocates; the code that is run, not optimized yet, does.</summary>
    private sealed class MeteredStrategy(SearchStrategy inner) : SearchStrategy
    {
        public override string Name => inner.Name;

        internal long Allocated { get; set; }

        internal int Choices { get; private set; }

        public override void Forget() => inner.Forget();

        public override void Begin(long execution)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            inner.Begin(execution);
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        public override int Choose(in SchedulingPoint point)
        {
            Choices++;
            long before = GC.GetAllocatedBytesForCurrentThread();
            int choice = inner.Choose(point);
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            return choice;
        }

        public override void End(Machine machine)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            inner.End(machine);
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static string[] Run(Execution execution, SearchStrategy strategy, int from)
    {
        var schedules = new string[100];
        for (int i = 0; i < schedules.Length; i++)
        {
            execution.Run(strategy, from + i);
            schedules[i] = string.Join(' ', execution.Schedule.ToArray());
        }

        return schedules;
    }

    private static SearchStrategy Create(string name) => s_catalogue.Strategy(name).Create(Seed);

    private static ExplorationReport Explore(MachineImage image, string name, ExplorerOptions options) =>
        new Explorer(image, () => Create(name), options).Run(TestContext.Current.CancellationToken);

    private static InterruptedMachine Interrupted() => new(
        new MachineOptions { Cpus = 1 },
        [Letters('a', 'b'), Letters('x', 'y')],
        [(InterruptKind.Hard, async machine =>
        {
            machine.Log('!');
            await machine.Window();
        })]);

    private static Func<InterruptedMachine, KernelTask> Letters(char first, char second) => async machine =>
    {
        machine.Log(first);
        await machine.Window();
        machine.Log(second);
        await machine.Window();
    };
}
