using CsCheck;
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

    private static Machine Recorder(Action<MachineBuilder> boot) =>
        new(
            SmallMachine.Boot(1, boot),
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
