using CsCheck;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>What is recorded of steps, what never is, and when it is given up.</summary>
public sealed class StepMemoTests
{
    private int _failing;

    [Fact]
    public void Small_programs_are_explored_the_same_with_steps_looked_up()
    {
        Sample(program =>
        {
            ExplorationReport plain = Explore(program, memo: null);
            ExplorationReport shadowed = Explore(program, MemoOptions.Shadow);

            Assert.Equal(plain.Steps, shadowed.Steps);
            Assert.Equal(plain.Failures, shadowed.Failures);
            Assert.Equal(plain.First?.Number, shadowed.First?.Number);
            Assert.Equal(plain.First?.Finding, shadowed.First?.Finding);
            Assert.Equal(plain.First?.Schedule ?? [], shadowed.First?.Schedule ?? []);
            return plain.First is not null;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Small_programs_are_verified_the_same_with_steps_looked_up(bool fusion)
    {
        Sample(program =>
        {
            VerificationReport plain = Verify(program, fusion, memo: null);
            VerificationReport shadowed = Verify(program, fusion, MemoOptions.Shadow);

            Assert.Equal(plain.Verdict, shadowed.Verdict);
            Assert.Equal(plain.States, shadowed.States);
            Assert.Equal(plain.Transitions, shadowed.Transitions);
            Assert.Equal(plain.MaxDepth, shadowed.MaxDepth);
            Assert.Equal(plain.Counterexample?.Finding, shadowed.Counterexample?.Finding);
            Assert.Equal(plain.Counterexample?.Schedule ?? [], shadowed.Counterexample?.Schedule ?? []);
            return plain.Counterexample is not null;
        });
    }

    [Fact]
    public void A_step_that_ends_in_a_finding_is_performed_each_time()
    {
        SimulatedKernel kernel = default;
        SharedArray<SimulatedKernel> word = default;
        Machine machine = Recorder(boot =>
        {
            kernel = boot.Kernel;
            word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            boot.Spawn("test", async () =>
            {
                await word.ReadOnce(0);
                kernel.Fail(FailureClass.Assertion, "it is wrong");
            });
        });

        for (int run = 1; run <= 3; run++)
        {
            machine.Reset();
            machine.Step(0);
            machine.Finding.AssertFound(FailureClass.Assertion, "it is wrong");
            Assert.Equal(run, machine.Memo!.Misses);
            Assert.Equal(0, machine.Memo.Hits + machine.Memo.Checked);
        }
    }

    [Fact]
    public void A_step_that_touches_more_than_a_record_holds_is_performed_each_time()
    {
        SharedArray<SimulatedKernel> words = default;
        Machine machine = Recorder(boot =>
        {
            words = SharedArray<SimulatedKernel>.Create(boot, "words", RecordedSteps.TouchesMax + 1, guard: -1);
            boot.Spawn("test", async () =>
            {
                await words.ReadOnce(0);
                for (int i = 0; i < words.Length; i++)
                    words[i]++;
            });
        });

        for (int run = 1; run <= 3; run++)
        {
            machine.Reset();
            machine.Step(0);
            Assert.Equal(run, machine.Memo!.Misses);
            Assert.Equal(0, machine.Memo.Hits + machine.Memo.Checked);
        }
    }

    [Fact]
    public void What_is_recorded_of_steps_has_an_end_and_what_comes_later_is_performed()
    {
        const int Steps = 1000;
        SharedArray<SimulatedKernel> words = default;
        Machine machine = Recorder(boot =>
        {
            words = SharedArray<SimulatedKernel>.Create(boot, "words", RecordedSteps.TouchesMax - 20, guard: -1);
            boot.Spawn("test", async () =>
            {
                for (int step = 0; step < Steps; step++)
                {
                    await words.ReadOnce(0);
                    for (int i = 0; i < words.Length; i++)
                        words[i]++;
                }
            });
        });

        machine.Reset();
        for (int step = 0; step < Steps; step++)
            machine.Step(0);

        StepMemo memo = machine.Memo!;
        Assert.Equal(Steps, memo.Misses + memo.Unrecorded);
        Assert.InRange(memo.Misses, 1, Steps - 1);
        Assert.InRange(memo.Table.Bytes, 32 << 20, 128 << 20);
        Assert.Equal(Steps, words.Peek(words.Length - 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // It comes out of the machine, and is the mistake of whoever wrote the program.
    public void A_step_that_ends_in_an_exception_is_performed_each_time(bool isMisuse)
    {
        SharedArray<SimulatedKernel> word = default;
        Machine machine = Recorder(boot =>
        {
            word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            boot.Spawn("test", async () =>
            {
                await word.ReadOnce(0);
                throw isMisuse ? new KernelMisuseException("it is used wrongly") : new InvalidOperationException();
            });
        });

        for (int run = 1; run <= 3; run++)
        {
            machine.Reset();
            Exception? exception = Record.Exception(() => machine.Step(0));

            Assert.Equal(isMisuse, exception is not null);
            Assert.Equal(isMisuse ? null : FailureClass.BugOn, machine.Finding?.Class);
            Assert.Equal(run, machine.Memo!.Misses);
            Assert.Equal(0, machine.Memo.Hits + machine.Memo.Checked);
        }
    }

    [Fact]
    public void A_step_in_which_somebody_looks_at_another_stack_is_performed_each_time()
    {
        SharedArray<SimulatedKernel> word = default;
        Machine machine = Recorder(
            boot =>
            {
                word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
                boot.Spawn("looker", async () => await word.ReadOnce(0));
                boot.Spawn("test", async () => await word.ReadOnce(0));
                boot.Spawn("test", async () => await word.ReadOnce(0));
            },
            new LooksAtOther(),
            tasks: 3);

        for (int run = 1; run <= 3; run++)
        {
            machine.Reset();
            machine.Step(0);
            Assert.Equal(run, machine.Memo!.Misses);
            Assert.Equal(0, machine.Memo.Hits + machine.Memo.Checked);
        }

        machine.Step(1);
        machine.Reset();
        machine.Step(1); // In which nobody looks.
        Assert.Equal(1, machine.Memo!.Hits + machine.Memo.Checked);
    }

    [Fact]
    public void Turns_of_a_loop_are_counted_anew_in_each_step_whether_it_is_looked_up_or_not()
    {
        const int Turns = 10;
        SimulatedKernel kernel = default;
        SharedArray<SimulatedKernel> word = default;
        Machine machine = Recorder(
            boot =>
            {
                kernel = boot.Kernel;
                word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
                boot.Spawn("test", async () =>
                {
                    for (int step = 0; step < 4; step++)
                    {
                        int turns = await word.FetchAdd(0, 1) == 3 ? Turns + 1 : Turns;
                        for (int turn = 0; turn < turns; turn++)
                            kernel.LoopTurn();
                    }
                });
            },
            options: new MachineOptions { LoopTurnsMax = Turns });

        for (int run = 0; run < 3; run++)
        {
            machine.Reset();
            machine.Step(0, 0, 0);
            Assert.Null(machine.Finding);

            machine.Step(0);
            Assert.Equal(FailureClass.Livelock, machine.Finding?.Class);
        }

        Assert.Equal(3 + 3, machine.Memo!.Misses);
        Assert.Equal(3 + 3, machine.Memo.Hits + machine.Memo.Checked);
    }

    [Fact]
    public void Who_watches_a_run_sees_each_step_performed()
    {
        SharedArray<SimulatedKernel> word = default;
        Machine machine = Recorder(boot =>
        {
            word = SharedArray<SimulatedKernel>.Create(boot, "word", 1, guard: -1);
            boot.Spawn("test", async () => await word.ReadOnce(0));
        });
        for (int run = 0; run < 2; run++)
        {
            machine.Reset();
            machine.Step(0);
        }

        long found = machine.Memo!.Hits + machine.Memo.Checked;
        machine.Reset();
        machine.Observer = new Watcher();
        machine.Step(0);

        Assert.Equal(1, found);
        Assert.Equal(found, machine.Memo.Hits + machine.Memo.Checked);
    }

    private static Machine Recorder(
        Action<MachineBuilder> boot,
        Detector? detector = null,
        MachineOptions? options = null,
        int tasks = 1) =>
        new(
            SmallMachine.Boot(tasks, boot, options, detector is null ? [] : [detector]),
            new FrameStore(comparesWhole: false),
            new MemoOptions(CheckEvery: int.MaxValue));

    private static ExplorationReport Explore(RandomProgram program, MemoOptions? memo)
    {
        var options = new ExplorerOptions
        {
            Executions = 50,
            KeepGoing = true,
            Memo = memo,
            StepsBeforeMemo = 0,
            ComparedMax = 0,
        };
        return new Explorer(
            program.Boot(new MachineOptions(), StandardDetectors.Create()),
            () => new RandomWalkStrategy(seed: 1),
            options).Run();
    }

    private static VerificationReport Verify(RandomProgram program, bool fusion, MemoOptions? memo)
    {
        var options = new VerifierOptions { Fusion = fusion, Memo = memo, StatesMax = 2000, ShortestWay = false };
        return new Verifier(program.Boot(new MachineOptions(), StandardDetectors.Create()), options)
            .Run(TestContext.Current.CancellationToken);
    }

    // Unless some fail and some do not, nothing was shown.
    private void Sample(Func<RandomProgram, bool> compare)
    {
        const int Programs = 60;
        RandomProgram.Any.Sample(
            program => _failing += compare(program) ? 1 : 0,
            seed: "0N0XIzNsQ0O2",
            iter: Programs,
            threads: 1,
            print: program => $"{program}");
        Assert.InRange(_failing, 5, Programs - 5);
    }

    /// <summary>Looks, when the first task ends, where the second one stands.</summary>
    private sealed class LooksAtOther : Detector
    {
        public override MachineEvents Events => MachineEvents.Exit;

        public override void OnExit(MachineView machine, int context)
        {
            if (context == 0 && machine.CallChain(1).Count == 0)
                machine.Report(FailureClass.Assertion, "nobody is there");
        }
    }

    private sealed class Watcher : IMachineObserver
    {
        public void OnOperation(int context, in PerformedOperation operation)
        {
        }

        public void OnOperationDone(int context)
        {
        }

        public void OnWoken(int task, bool slept)
        {
        }

        public void OnCount(KernelEvent what)
        {
        }
    }
}
