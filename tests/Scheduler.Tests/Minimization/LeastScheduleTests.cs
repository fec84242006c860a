using CsCheck;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Minimization;

/// <summary>What is called minimal is minimal: compared with all executions there are.</summary>
public sealed class LeastScheduleTests
{
    [Fact]
    public void No_execution_ends_as_it_must_not_with_fewer_preemptions_or_as_many_and_fewer_steps()
    {
        int compared = 0;
        RandomProgram.Pairs.Sample(
            program =>
            {
                foreach ((string outcome, (int Preemptions, int Steps) least) in LeastOfAll(program))
                {
                    program.Forbidden = outcome;
                    MachineImage image = program.Boot(new MachineOptions());
                    Failing? found = new LeastSchedule(image, FailureClass.Assertion, new MinimizerOptions()).Find(
                        default);
                    if (found is null || (found.Preemptions, found.Steps) != least)
                        return false;

                    compared += least.Preemptions > 0 ? 1 : 0;
                }

                return true;
            },
            seed: "0N0XIzNsQ0O2",
            iter: 100,
            threads: 1,
            print: program => $"{program}");

        Assert.True(compared >= 10, $"only {compared} outcomes that take a preemption were compared");
    }

    [Fact]
    public void A_program_that_does_not_fail_is_searched_to_its_end()
    {
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            var word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            for (int task = 0; task < 2; task++)
                boot.Spawn("test", async () => await word.FetchAdd(1));
        });
        var search = new LeastSchedule(image, FailureClass.Deadlock, new MinimizerOptions());

        Assert.Null(search.Find(TestContext.Current.CancellationToken));
        Assert.True(search.IsExhausted);
    }

    [Fact]
    public void A_search_that_is_cut_off_proves_nothing_but_how_many_preemptions_do_not_suffice()
    {
        MachineImage image = CrossedLocks();
        var whole = new LeastSchedule(image, FailureClass.Deadlock, new MinimizerOptions());
        Failing least = whole.Find(TestContext.Current.CancellationToken)!;
        var cut = new LeastSchedule(image, FailureClass.Deadlock, new MinimizerOptions { StatesMax = 2 });

        Assert.Null(cut.Find(TestContext.Current.CancellationToken));
        Assert.False(cut.IsExhausted);
        Assert.True(cut.PreemptionsAtLeast <= least.Preemptions);
        Assert.Equal(1, least.Preemptions); // A takes one lock, B the other; then both are stuck.
    }

    [Fact]
    public void Where_the_exact_search_is_too_much_a_schedule_is_shrunk_by_trying()
    {
        Transition[] given = SomeFailure();
        MinimizationReport exact = Minimize(new MinimizerOptions());
        MinimizationReport tried = Minimize(new MinimizerOptions { StatesMax = 0 });

        Assert.True(exact.IsProved);
        Assert.False(tried.IsProved);
        Assert.True(tried.Smallest.IsSmallerThan(tried.Given));
        Assert.False(tried.Smallest.IsSmallerThan(exact.Smallest));

        MinimizationReport Minimize(MinimizerOptions options) =>
            new Minimizer(CrossedLocks, FailureClass.Deadlock, options).Run(
                given,
                TestContext.Current.CancellationToken
            )!;
    }

    [Fact]
    public void A_schedule_that_does_not_fail_is_not_minimized() => Assert.Null(
        new Minimizer(CrossedLocks, FailureClass.Deadlock, new MinimizerOptions()).Run(
            [Transition.Step(0)], TestContext.Current.CancellationToken));

    [Fact]
    public void The_order_of_the_two_first_locks_is_what_a_deadlock_of_two_locks_hangs_on()
    {
        MinimizationReport report = new Minimizer(CrossedLocks, FailureClass.Deadlock, new MinimizerOptions())
            .Run(SomeFailure(), TestContext.Current.CancellationToken)!;

        // When both have one lock, nothing can help any more.
        Assert.Equal(report.Smallest.Steps, report.NoReturn!.Step);
        Assert.NotNull(report.Pair);
        Assert.Equal(0, report.Pair.Second.Number); // The second lock, which is never taken.
        Assert.NotEqual(report.Pair.First.Context, report.Pair.Second.Context);
        Assert.Equal("spin_lock(lock1)", report.Pair.First.Text);
        Assert.Equal("lock1", report.Pair.About);
    }

    [Fact]
    public void The_step_of_no_return_is_the_first_after_which_all_fail_for_good()
    {
        var sure = new PointOfNoReturn(10, [1, 10, 4, 9, 10, 10]);

        Assert.Equal(4, sure.Step);
        Assert.Equal(1, sure.Jump);
        Assert.Equal(0, new PointOfNoReturn(3, [3, 3]).Step);
        Assert.Equal(0, new PointOfNoReturn(3, [3, 3]).Jump);
    }

    /// <summary>Each task does some work first, then takes both locks, in opposite orders.</summary>
    private static MachineImage CrossedLocks() => SmallMachine.Boot(
        2,
        boot =>
        {
            var locks = new SpinLock<SimulatedKernel>[2];
            for (int i = 0; i < 2; i++)
                locks[i] = SpinLock<SimulatedKernel>.Create(boot, $"lock{i}");

            var word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            boot.Spawn("test", () => Run(locks[0], locks[1], word));
            boot.Spawn("test", () => Run(locks[1], locks[0], word));
        },
        detectors: StandardDetectors.Create());

    private static async KernelTask Run(
        SpinLock<SimulatedKernel> first, SpinLock<SimulatedKernel> second, Shared<SimulatedKernel> word)
    {
        await word.FetchAdd(1);
        await word.FetchAdd(1);
        await first.Acquire();
        await second.Acquire();
        await second.Release();
        await first.Release();
    }

    /// <summary>A deadlock with more preemptions than it takes.</summary>
    private static Transition[] SomeFailure() => [.. new[] { 0, 1, 0, 1, 0, 1 }.Select(Transition.Step)];

    /// <summary>For each outcome the smallest execution that has it, of those in which all tasks end.</summary>
    private static SortedDictionary<string, (int Preemptions, int Steps)> LeastOfAll(RandomProgram program)
    {
        var least = new SortedDictionary<string, (int, int)>(StringComparer.Ordinal);
        var counter = new PreemptionCounter();
        var steps = new StepCounter();
        program.Forbidden = null;
        EveryExecution.Outcomes(program.Boot(new MachineOptions()), Note, observers: [counter, steps]);
        return least;

        string Note(Machine machine)
        {
            (int, int) size = (counter.Preemptions, steps.Steps);
            bool haveEnded = Enumerable.Range(0, machine.Tasks.Count)
                .All(task => machine.Tasks.Status(task) == ContextStatus.Finished);
            if (haveEnded && (!least.TryGetValue(program.Words, out (int, int) known) || size.CompareTo(known) < 0))
                least[program.Words] = size;

            return "";
        }
    }

    private sealed class StepCounter : IExecutionObserver
    {
        internal int Steps { get; private set; }

        void IExecutionObserver.OnBegin(Machine machine) => Steps = 0;

        void IExecutionObserver.OnPerformed(Machine machine, int step, Transition choice) => Steps = step + 1;
    }
}
