using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Tests.Machines;
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

    private static MachineImage Boot(string kind) => Outside.Image(kind);
}
