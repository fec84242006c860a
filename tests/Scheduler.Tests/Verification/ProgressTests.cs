using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Who can never finish is found, with a loop that replays; who only has bad luck is no failure.</summary>
[KernelObject]
public sealed class ProgressTests
{
    private static readonly MachineOptions s_ownCpus = new();
    private static readonly MachineOptions s_oneCpu = new() { Cpus = 1 };

    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _a;
    private SpinLock<SimulatedKernel> _b;
    private Shared<SimulatedKernel> _word;
    private WaitQueue<SimulatedKernel> _queue;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Waiting_for_a_word_that_nobody_writes_is_a_livelock(int cpus) =>
        AssertFailure(FailureClass.Livelock, new MachineOptions { Cpus = cpus }, SpinForWord, End);

    [Fact]
    public void Waiting_for_a_word_that_somebody_writes_is_none() => AssertVerified(s_ownCpus, SpinForWord, WriteWord);

    [Fact]
    public void Whoever_waits_for_the_only_cpu_is_treated_unfairly_if_it_never_gets_it() =>
        AssertVerified(s_oneCpu, SpinForWord, WriteWord);

    [Fact]
    public void Without_preemption_whoever_spins_on_the_only_cpu_keeps_the_other_from_it_for_ever() =>
        AssertFailure(FailureClass.Livelock, s_oneCpu with { Preempt = false }, SpinForWord, WriteWord);

    [Fact]
    public void Somebody_who_runs_for_ever_with_a_lock_held_traps_whoever_wants_it() =>
        AssertFailure(FailureClass.Livelock, s_ownCpus, SpinWithLock, TakeLock);

    [Fact]
    public void A_loop_that_says_that_it_gets_things_done_is_none() =>
        AssertVerified(s_ownCpus, ServeForEver, TakeLock);

    [Fact]
    public void A_loop_of_which_nobody_knows_whether_it_gets_things_done_is_one() =>
        AssertFailure(FailureClass.Livelock, s_ownCpus, LoopForEver, TakeLock);

    [Fact]
    public void A_sleeper_whom_nobody_will_wake_while_others_run_for_ever_has_lost_its_wakeup()
    {
        Counterexample counterexample = AssertFailure(FailureClass.LostWakeup, s_ownCpus, SleepOnce, ServeForEver);

        Assert.StartsWith(
            "task 0 can never run again, while others run for ever",
            counterexample.Finding.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sleeper_who_looks_again_and_finds_nothing_is_in_a_deadlock_though_others_run_for_ever() =>
        AssertFailure(FailureClass.Deadlock, s_ownCpus, SleepUntilWord, ServeForEver);

    [Fact]
    public void Two_who_make_way_for_each_other_for_ever_are_in_a_livelock() =>
        AssertFailure(FailureClass.Livelock, s_ownCpus, () => MakeWay(_a, _b), () => MakeWay(_b, _a));

    [Fact]
    public void Two_who_take_their_locks_in_one_order_and_try_the_second_are_not() =>
        AssertVerified(s_ownCpus, () => MakeWay(_a, _b), () => MakeWay(_a, _b));

    [Fact]
    public void Whoever_polls_under_a_lock_that_the_other_wants_may_starve_it_and_no_more()
    {
        VerificationReport report = AssertVerified(s_ownCpus, PollUnderLock, WriteUnderLock);

        Assert.NotNull(report.Progress?.Starvation);
    }

    [Fact]
    public void An_interrupt_that_comes_for_ever_hides_no_deadlock() =>
        AssertFailure(FailureClass.Deadlock, s_ownCpus, interrupts: 1, TakeBoth(true), TakeBoth(false));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_search_that_keeps_no_graph_proves_safety_only(bool fusion)
    {
        VerificationReport report = Verify(
            s_ownCpus,
            0,
            new VerifierOptions { Fusion = fusion, Progress = false },
            SpinForWord,
            End);

        Assert.Equal(Verdict.VerifiedSafety, report.Verdict);
        Assert.Equal("it was not asked for", report.Progress?.WhyNot);
    }

    [Fact]
    public void An_explorer_finds_the_loop_in_which_everybody_runs_and_nobody_gets_on()
    {
        FailedExecution? found = Explore(s_ownCpus, SpinForWord, SpinForWord).First;

        Assert.Equal(FailureClass.Livelock, found?.Finding.Class);
        Assert.Equal(found!.Loop, found.Schedule.Length); // Once round, from the very start.
        Assert.True(Replays(s_ownCpus, 0, found.Schedule, found.Finding, found.Loop, SpinForWord, SpinForWord));
    }

    [Fact]
    public void An_explorer_takes_no_unfair_walk_for_a_livelock()
    {
        ExplorationReport report = Explore(s_ownCpus, SpinForWord, () => WriteAfter(200));

        Assert.Equal(0, report.Failures);
        Assert.Equal(report.Executions, report.Ended);
    }

    [Fact]
    public void Executions_that_were_cut_off_are_not_counted_as_ended()
    {
        ExplorationReport report = Explore(s_ownCpus, ServeForEver);

        Assert.Equal(report.Executions, report.CutOff);
        Assert.Equal(0, report.Ended);
    }

    private async KernelTask SpinForWord()
    {
        while (await _word.ReadOnce() == 0)
        {
        }
    }

    private async KernelTask WriteWord() => await _word.WriteOnce(1);

    private async KernelTask WriteAfter(int steps)
    {
        for (int i = 0; i < steps; i++)
            await TakeLock();

        await _word.WriteOnce(1);
    }

    private async KernelTask End() => await _kernel.SetState(TaskState.Running);

    private async KernelTask SpinWithLock()
    {
        await _a.Acquire();
        await SpinForWord();
        await _a.Release();
    }

    private async KernelTask TakeLock()
    {
        await _a.Acquire();
        await _a.Release();
    }

    private async KernelTask ServeForEver()
    {
        while (true)
        {
            await TakeLock();
            _kernel.OperationDone();
        }
    }

    private async KernelTask LoopForEver()
    {
        while (true)
            await TakeLock();
    }

    private async KernelTask SleepOnce()
    {
        await _queue.Add();
        await _kernel.SetState(TaskState.Uninterruptible);
        await _kernel.Schedule();
        await _queue.Remove();
    }

    private async KernelTask SleepUntilWord()
    {
        while (await _word.ReadOnce() == 0)
            await SleepOnce();
    }

    private async KernelTask MakeWay(SpinLock<SimulatedKernel> first, SpinLock<SimulatedKernel> second)
    {
        while (true)
        {
            await first.Acquire();
            if (await second.TryAcquire())
                break;

            await first.Release();
        }

        await second.Release();
        await first.Release();
    }

    private async KernelTask PollUnderLock()
    {
        bool isSet = false;
        while (!isSet)
        {
            await _a.Acquire();
            isSet = await _word.ReadOnce() != 0;
            await _a.Release();
        }
    }

    private async KernelTask WriteUnderLock()
    {
        await _a.Acquire();
        await _word.WriteOnce(1);
        await _a.Release();
    }

    private Func<KernelTask> TakeBoth(bool inOrder) => async () =>
    {
        await (inOrder ? _a : _b).Acquire();
        await (inOrder ? _b : _a).Acquire();
        await (inOrder ? _b : _a).Release();
        await (inOrder ? _a : _b).Release();
    };

    private async KernelTask Tick() => await _kernel.InterruptWindow();

    private Counterexample AssertFailure(
        FailureClass expected,
        MachineOptions options,
        params Func<KernelTask>[] tasks
    ) => AssertFailure(expected, options, interrupts: 0, tasks);

    private Counterexample AssertFailure(
        FailureClass expected,
        MachineOptions options,
        int interrupts,
        params Func<KernelTask>[] tasks)
    {
        VerificationReport report = Verify(options, interrupts, new VerifierOptions(), tasks);

        Assert.Equal(Verdict.Violated, report.Verdict);
        Counterexample counterexample = report.Counterexample!;
        Assert.Equal(expected, counterexample.Finding.Class);
        Assert.True(
            Replays(options, interrupts, counterexample.Schedule, counterexample.Finding, counterexample.Loop, tasks));
        return counterexample;
    }

    private VerificationReport AssertVerified(MachineOptions options, params Func<KernelTask>[] tasks)
    {
        VerificationReport report = Verify(options, 0, new VerifierOptions(), tasks);

        Assert.Null(report.Counterexample?.Finding);
        Assert.Equal(Verdict.Verified, report.Verdict);
        return report;
    }

    private VerificationReport Verify(
        MachineOptions options,
        int interrupts,
        VerifierOptions verifier,
        params Func<KernelTask>[] tasks
    ) => new Verifier(Boot(options, interrupts, tasks), verifier).Run(TestContext.Current.CancellationToken);

    private bool Replays(
        MachineOptions options,
        int interrupts,
        Transition[] schedule,
        Finding finding,
        int loop,
        params Func<KernelTask>[] tasks
    ) =>
        new Replay(new Machine(Boot(options, interrupts, tasks))).Run(schedule, finding.Class, loop)
            is { Reproduced: true } replay
        && replay.Finding!.Message == finding.Message;

    private ExplorationReport Explore(MachineOptions options, params Func<KernelTask>[] tasks)
    {
        var limits = new ExplorerOptions { Executions = 20, StepsMax = 5000 };
        return new Explorer(() => Boot(options, 0, tasks), () => new RandomWalkStrategy(1), limits).Run(
            TestContext.Current.CancellationToken);
    }

    private MachineImage Boot(MachineOptions options, int interrupts, Func<KernelTask>[] tasks) =>
        MachineBuilder.Boot(tasks.Length, interrupts, options, StandardDetectors.Create(), boot =>
        {
            _kernel = boot.Kernel;
            _a = SpinLock<SimulatedKernel>.Create(boot, "a");
            _b = SpinLock<SimulatedKernel>.Create(boot, "b");
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
            foreach (Func<KernelTask> task in tasks)
                boot.Spawn("task", task);

            for (int i = 0; i < interrupts; i++)
                boot.AttachInterrupt("tick", InterruptKind.Hard, limit: 0, Tick);
        });
}
