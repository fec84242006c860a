using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// What tasks share outside kernel memory is noticed and named, by proofs and by explorers; exceptions and misuse are
/// told apart.
/// </summary>
public sealed class OutsideStateTests
{
    [Theory]
    [InlineData("field", "the field '_count' of Outside has changed from 0 to 1")]
    [InlineData("static", "the static field 's_count' of Outside has changed")]
    [InlineData("of-thread", "the static field 't_count' of Outside, which each thread has for itself, has changed")]
    [InlineData("array", "element 0 of the array in the field '_array' of Outside has changed from 0 to 1")]
    [InlineData("list", "the List in the field '_list' of Outside has changed")]
    [InlineData("helper", "the field 'Count' of Helper has changed from 0 to 1")]
    [InlineData("captured", "the variable 'captured', which a lambda in")]
    [InlineData("static-array", "element 1 of the array in the static field 's_numbers' of Outside has changed")]
    [InlineData("static-of-kernel", "the static field 'Count' of Statics has changed")]
    [InlineData("struct", "'Second' of the field '_pair' of Outside has changed from 0 to 1")]
    [InlineData("grid", "element 1, 0 of the array in the field '_grid' of Outside has changed from 0 to 1")]
    [InlineData("dictionary", "the Dictionary in the field '_names' of Outside has changed")]
    [InlineData("random-seeded", "in the field '_random' of Outside has changed")]
    [InlineData("check", "the field '_looks' of Outside has changed from 0 to 1")]
    [InlineData("toggled", "the field '_busy' of Outside has changed from False to True")]
    public void State_outside_kernel_memory_is_named(string kind, string message)
    {
        VerificationReport report = new Verifier(Boot(kind), new VerifierOptions()) { Boot = () => Boot(kind) }.Run(
            TestContext.Current.CancellationToken);
        ExplorationReport explored = new Explorer(
            () => Boot(kind),
            () => new RandomWalkStrategy(1),
            new ExplorerOptions { Executions = 50 }
        ).Run(TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Violated, report.Verdict);
        foreach (Finding? finding in (Finding?[])[report.Counterexample?.Finding, explored.First?.Finding])
        {
            Assert.Equal(FailureClass.Nondeterminism, finding?.Class);
            Assert.Contains(message, finding!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("field")]
    [InlineData("static")]
    [InlineData("captured")]
    [InlineData("toggled")]
    public void It_is_named_as_well_where_each_step_that_is_looked_up_is_performed_too(string kind)
    {
        VerificationReport report = new Verifier(Boot(kind), new VerifierOptions { Memo = MemoOptions.Shadow })
        {
            Boot = () => Boot(kind),
        }.Run(TestContext.Current.CancellationToken);
        ExplorationReport explored = new Explorer(
            () => Boot(kind),
            () => new RandomWalkStrategy(1),
            new ExplorerOptions { Executions = 50, Memo = MemoOptions.Shadow, StepsBeforeMemo = 0 }
        ).Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
        Assert.Equal(FailureClass.Nondeterminism, explored.First?.Finding.Class);
    }

    [Theory]
    [InlineData("field")]
    [InlineData("captured")]
    [InlineData("toggled")]
    [InlineData("field-later")]
    [InlineData("field-and-failure")]
    public void The_schedule_of_a_change_outside_shows_it_when_it_is_run_again(string kind)
    {
        Counterexample? found = new Verifier(Boot(kind), new VerifierOptions { Fusion = true })
        {
            Boot = () => Boot(kind),
        }.Run(TestContext.Current.CancellationToken).Counterexample;

        Assert.Equal(FailureClass.Nondeterminism, found?.Finding.Class);
        Assert.NotNull(new DeterminismCheck(new Machine(Boot(kind))).Run(found!.Schedule));
    }

    [Fact]
    public void A_random_number_is_noticed_because_ways_lead_elsewhere_when_they_are_gone_again()
    {
        VerificationReport report = new Verifier(Boot("random"), new VerifierOptions())
        {
            Boot = () => Boot("random"),
        }.Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
    }

    [Theory]
    [InlineData("boot-field", "the field '_made' of Outside is ")]
    [InlineData("boot-word", "word is ")]
    public void A_boot_that_makes_another_machine_each_time_is_refused(string kind, string message)
    {
        VerificationReport report = new Verifier(Boot(kind), new VerifierOptions()) { Boot = () => Boot(kind) }.Run(
            TestContext.Current.CancellationToken);
        ExplorationReport explored = new Explorer(
            () => Boot(kind),
            () => new RandomWalkStrategy(1),
            new ExplorerOptions { Executions = 50 }
        ).Run(TestContext.Current.CancellationToken);

        foreach (Finding? finding in (Finding?[])[report.Counterexample?.Finding, explored.First?.Finding])
        {
            Assert.Equal(FailureClass.Nondeterminism, finding?.Class);
            Assert.StartsWith(message, finding!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reading_the_keys_of_a_dictionary_changes_nothing()
    {
        VerificationReport report = new Verifier(Boot("keys"), new VerifierOptions()) { Boot = () => Boot("keys") }.Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    [Fact]
    public void An_element_behind_an_array_is_nobodys()
    {
        Finding? finding = new Verifier(Boot("behind"), new VerifierOptions())
            .Run(TestContext.Current.CancellationToken)
            .Counterexample?.Finding;

        Assert.Equal(FailureClass.BugOn, finding?.Class);
        Assert.Contains("element 2 of an array of 2 in kernel memory", finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_made_at_boot_and_is_only_read_is_no_shared_state()
    {
        VerificationReport report = new Verifier(Boot("none"), new VerifierOptions()) { Boot = () => Boot("none") }.Run(
            TestContext.Current.CancellationToken);

        Assert.Null(report.Counterexample?.Finding);
        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    [Fact]
    public async Task What_the_boot_keeps_for_its_thread_is_no_state_of_tasks()
    {
        // Booted on this thread, and run on others: there it is something else, or nothing.
        MachineImage image = Boot("cache-of-thread");
        MachineImage other = await Task.Factory.StartNew(
            () => Boot("cache-of-thread"),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        foreach (MachineImage booted in (MachineImage[])[image, other])
        {
            VerificationReport report = new Verifier(booted, new VerifierOptions { Jobs = 2 })
            {
                Boot = () => Boot("cache-of-thread"),
            }.Run(TestContext.Current.CancellationToken);
            ExplorationReport explored = new Explorer(
                () => Boot("cache-of-thread"),
                () => new RandomWalkStrategy(1),
                new ExplorerOptions { Executions = 2000, Jobs = 2, StepsBeforeMemo = 500 }
            ).Run(TestContext.Current.CancellationToken);

            Assert.Null(report.Counterexample?.Finding.Message);
            Assert.Null(explored.First?.Finding.Message);
        }
    }

    [Fact]
    public void Any_exception_of_kernel_code_is_a_finding_with_its_task_and_functions()
    {
        Finding? finding = new Verifier(Boot("throws"), new VerifierOptions())
            .Run(TestContext.Current.CancellationToken)
            .Counterexample?.Finding;

        Assert.Equal(FailureClass.BugOn, finding?.Class);
        Assert.StartsWith(
            "InvalidOperationException in task 1: no such page",
            finding!.Message,
            StringComparison.Ordinal);
        Assert.Contains("in work", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-awaited", "without having awaited the WriteOnce before it")]
    [InlineData("awaited-twice", "in Work() of Outside: a KernelTask was awaited a second time")]
    [InlineData("step-awaited-twice", "awaits a step a second time (in work)")]
    [InlineData("spawned-late", "the task 'late' is made while tasks run")]
    public void Misuse_of_the_library_is_refused_in_words(string kind, string message)
    {
        KernelMisuseException refusal = Assert.Throws<KernelMisuseException>(
            () => new Verifier(Boot(kind), new VerifierOptions()).Run(TestContext.Current.CancellationToken));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static MachineImage Boot(string kind) =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
            new Outside(boot, kind).Spawn(boot));

    private static class Statics<TKernel>
    {
        internal static int Count { get; set; }
    }

    private struct Pair
    {
        internal int First { get; set; }

        internal int Second;
    }

    private sealed class Helper
    {
        internal int Count { get; set; }
    }

    [KernelObject]
    private sealed class Outside(IKernelBoot<SimulatedKernel> boot, string kind)
    {
        private static readonly int[] s_numbers = new int[2];
        private static int s_count;
        private static int s_boots;

        [ThreadStatic]
        private static int t_count;

        [ThreadStatic]
        private static object? t_cache;

        private readonly Shared<SimulatedKernel> _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        private readonly int[] _array = new int[2];
        private readonly List<int> _list = [];
        private readonly Helper _helper = new();
        private readonly int[,] _grid = new int[2, 2];
        private readonly Dictionary<int, string> _names = new() { [0] = "zero" };
        private readonly Random _random = new(1);
        private readonly SharedArray<SimulatedKernel> _two = SharedArray<SimulatedKernel>.Create(
            boot,
            "two",
            2,
            guard: -1);
        private readonly int _made = kind == "boot-field" ? s_boots++ : 0;
        private Pair _pair;
        private int _looks;
        private int _count;
        private bool _busy;

        internal void Spawn(MachineBuilder machine)
        {
            if (kind == "boot-word")
                _word.Value = s_boots++;

            if (kind == "cache-of-thread")
                t_cache ??= new object();

            if (kind == "check")
                machine.AtEnd(() => _looks++ < 0 ? new Finding(FailureClass.Assertion, "") : null);

            int captured = 0;
            for (int task = 0; task < 2; task++)
            {
                int number = task;
                machine.Spawn("task", kind == "captured"
                    ? async () =>
                    {
                        await _word.WriteOnce(1);
                        captured++;
                        await _word.WriteOnce(2);
                    }
                : () => Work(number));
            }
        }

        private async KernelTask Work(int number)
        {
            await _word.WriteOnce(1);
            switch (kind)
            {
                case "field":
                    _count++;
                    break;
                case "field-and-failure" when number == 1:
                    await _word.WriteOnce(2);
                    throw new InvalidOperationException("found first, and looked for again");
                case "field-later" or "field-and-failure":
                    await _word.WriteOnce(3);
                    _count++;
                    break;
                case "static":
                    s_count++;
                    break;
                case "of-thread":
                    t_count++;
                    break;
                case "array":
                    _array[0]++;
                    break;
                case "list":
                    _list.Add(1);
                    break;
                case "helper":
                    _helper.Count++;
                    break;
                case "static-array":
                    s_numbers[1]++;
                    break;
                case "static-of-kernel":
                    Statics<SimulatedKernel>.Count++;
                    break;
                case "struct":
                    _pair.Second++;
                    break;
                case "grid":
                    _grid[1, 0]++;
                    break;
                case "dictionary":
                    _names[1] = "one";
                    break;
                case "random-seeded":
                    await _word.WriteOnce(_random.Next(2));
                    break;
                case "keys":
                    await _word.WriteOnce(_names.Keys.Count + _names.Values.Count + _pair.First);
                    break;
                case "behind":
                    await _two.WriteOnce(2, 1);
                    break;
                case "spawned-late":
                    boot.Spawn("late", Twice);
                    break;
                case "step-awaited-twice":
                    KernelStep step = _word.WriteOnce(7);
                    await step;
                    await step;
                    break;
                case "toggled":
                    _busy = true;
                    await _word.WriteOnce(3);
                    _busy = false;
                    break;
                case "random" when Guid.NewGuid().GetHashCode() % 2 == 0:
                    await _word.WriteOnce(4);
                    break;
                case "throws" when number == 1:
                    throw new InvalidOperationException("no such page");
                case "not-awaited":
                    KernelStep forgotten = _word.WriteOnce(5);
                    Assert.False(forgotten.IsCompleted);
                    return;
                case "awaited-twice":
                    KernelTask task = Twice();
                    await task;
                    await task;
                    break;
                default:
                    break;
            }

            await _word.WriteOnce(2 + _made + _count + _array[1] + (_busy ? 1 : 0) + Math.Min(s_count + t_count, 0));
        }

        private async KernelTask Twice() => await _word.WriteOnce(6);
    }
}
