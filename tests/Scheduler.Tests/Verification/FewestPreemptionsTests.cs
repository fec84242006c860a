using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Runs;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Of the shortest counterexamples, search gives one with the fewest preemptions.</summary>
public sealed class FewestPreemptionsTests
{
    [Theory]
    [InlineData(0, 150)]
    [InlineData(1, 80)]
    public void Random_programs_fail_as_soon_and_with_as_few_preemptions_as_any_of_all_their_schedules(
        int cpus,
        int programs)
    {
        var random = new Pcg32(seed: 20_261_129, stream: 3);
        int failed = 0;
        for (int number = 0; number < programs; number++)
        {
            var program = new Locks(Draw(ref random), areAlike: false);
            MachineImage image = program.Boot(new MachineOptions { Cpus = cpus });
            if (Verify(image, new VerifierOptions { Progress = false }) is not { } counterexample)
                continue;

            (int Steps, int Preemptions) measured = Measure(image, counterexample);
            Assert.Equal(Fewest(image, counterexample.Schedule.Length), measured);
            failed += measured.Preemptions > 0 ? 1 : 0;
        }

        Assert.InRange(failed, programs / 20, programs);
    }

    [Theory]
    [InlineData(1, true, false, 1)]
    [InlineData(2, true, false, 1)]
    [InlineData(3, true, true, 1)]
    [InlineData(3, false, false, 1)]
    [InlineData(1, false, true, 1)]
    public void It_is_the_same_schedule_however_many_threads_search_and_as_good_a_one_if_like_tasks_are_the_same(
        int jobs,
        bool symmetry,
        bool exact,
        int preemptions)
    {
        MachineImage image = Alike().Boot(new MachineOptions());
        VerifierOptions options = new() { Symmetry = symmetry, IsExact = exact };

        Counterexample? one = Verify(image, options);
        Counterexample? several = Verify(image, options with { Jobs = jobs });

        Assert.NotNull(several);
        Assert.Equal(one?.Schedule, several.Schedule);
        Assert.Equal(preemptions, Measure(image, several).Preemptions);
        Assert.Equal(Fewest(image, several.Schedule.Length), Measure(image, several));
    }

    [Fact]
    public void A_failure_that_happens_in_every_schedule_needs_no_preemption()
    {
        var program = new Locks([[0, 2], [1, 4], [0, 4]], areAlike: false) { FailsAtEnd = true };
        MachineImage image = program.Boot(new MachineOptions());

        Counterexample? counterexample = Verify(image, new VerifierOptions());

        Assert.NotNull(counterexample);
        Assert.Equal(0, Measure(image, counterexample).Preemptions);
    }

    [Fact]
    public void A_search_without_room_for_it_gives_the_first_shortest_counterexample()
    {
        MachineImage image = Alike().Boot(new MachineOptions());
        Counterexample? best = Verify(image, new VerifierOptions());

        Counterexample? first = Verify(image, new VerifierOptions { ShortestWaysMax = 3 });

        Assert.NotNull(first);
        Assert.Equal(best?.Schedule.Length, first.Schedule.Length);
        Assert.True(Measure(image, first).Preemptions > Measure(image, best!).Preemptions);
        Assert.Equal(FailureClass.Deadlock, first.Finding.Class);
    }

    // Tasks 0 and 1 are like each other; they and task 2 take two locks in different orders.
    private static Locks Alike() => new([[4, 0, 4, 4, 1], [4, 0, 4, 4, 1], [4, 1, 4, 4, 0]], areAlike: true);

    private static Counterexample? Verify(MachineImage image, VerifierOptions options) =>
        new Verifier(image, options).Run(TestContext.Current.CancellationToken).Counterexample;

    private static (int Steps, int Preemptions) Measure(MachineImage image, Counterexample counterexample)
    {
        var run = new PathRun(image, counterexample.Schedule);
        Assert.True(run.IsWhole);
        Assert.Equal(counterexample.Finding.Class, run.Machine.Finding?.Class);
        return (counterexample.Schedule.Length, run.Preemptions);
    }

    /// <summary>
    /// The fewest steps of all failing schedules, and the fewest preemptions of those that have no more; by trying all
    /// of so many steps.
    /// </summary>
    private static (int Steps, int Preemptions)? Fewest(MachineImage image, int stepsMax)
    {
        var machine = new Machine(image);
        (int Steps, int Preemptions)? fewest = null;
        var schedule = new List<Transition>();
        Try(0);
        return fewest;

        void Try(int preemptions)
        {
            machine.Reset();
            LastRunner last = LastRunner.Nobody;
            foreach (Transition transition in schedule)
            {
                machine.Perform(transition);
                last = last.After(transition);
            }

            Transition[] enabled = [.. machine.Enabled()];
            machine.CheckReached();
            if (machine.Finding is not null)
            {
                if (fewest is null || (schedule.Count, preemptions).CompareTo(fewest.Value) < 0)
                    fewest = (schedule.Count, preemptions);

                return;
            }

            foreach (Transition transition in enabled)
            {
                if (schedule.Count >= (fewest?.Steps ?? stepsMax))
                    return;

                schedule.Add(transition);
                Try(preemptions + (last.IsPreemptedBy(transition, enabled) ? 1 : 0));
                schedule.RemoveAt(schedule.Count - 1);
            }
        }
    }

    private static int[][] Draw(ref Pcg32 random)
    {
        int[][] tasks = new int[2 + random.Next(2)][];
        for (int task = 0; task < tasks.Length; task++)
        {
            tasks[task] = new int[2 + random.Next(3)];
            for (int i = 0; i < tasks[task].Length; i++)
                tasks[task][i] = random.Next(5);
        }

        return tasks;
    }

    /// <summary>
    /// Tasks that take locks 0 and 1, give back what they have (2), or add to a word (3), which none but task 0 may
    /// find at 1 and which must not become 3, or read it (4).
    /// </summary>
    [KernelObject]
    private sealed class Locks(int[][] tasks, bool areAlike)
    {
        private readonly SpinLock<SimulatedKernel>[] _locks = new SpinLock<SimulatedKernel>[2];
        private Shared<SimulatedKernel> _word;
        private SimulatedKernel _kernel;

        internal bool FailsAtEnd { get; init; }

        internal MachineImage Boot(MachineOptions options) => SmallMachine.Boot(
            tasks.Length,
            boot =>
            {
                _kernel = boot.Kernel;
                _locks[0] = SpinLock<SimulatedKernel>.Create(boot, "lock0");
                _locks[1] = SpinLock<SimulatedKernel>.Create(boot, "lock1");
                _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
                boot.Always(() => _word.Peek == 3 ? new Finding(FailureClass.Assertion, "the word is 3") : null);
                if (areAlike)
                    boot.DeclareInterchangeable(0, 2, 0, 0);

                for (int task = 0; task < tasks.Length; task++)
                {
                    int number = task;
                    boot.Spawn("test", () => Run(number));
                }
            },
            options,
            StandardDetectors.Create());

        private async KernelTask Run(int task)
        {
            int held = 0;
            for (int i = 0; i < tasks[task].Length; i++)
            {
                int act = tasks[task][i];
                if (act < 2 && (held & (1 << act)) == 0)
                {
                    await _locks[act].Acquire();
                    held |= 1 << act;
                }
                else if (act == 2)
                {
                    await Release(held);
                    held = 0;
                }
                else if (act == 3)
                {
                    int before = await _word.FetchAdd(1);
                    if (before == 1 && task > 0)
                        _kernel.Fail(FailureClass.Assertion, "somebody was faster");
                }
                else
                {
                    await _word.ReadOnce();
                }
            }

            await Release(held);
            if (FailsAtEnd)
                _kernel.Fail(FailureClass.Assertion, "always");
        }

        private async KernelTask Release(int held)
        {
            if ((held & 1) != 0)
                await _locks[0].Release();

            if ((held & 2) != 0)
                await _locks[1].Release();
        }
    }
}
