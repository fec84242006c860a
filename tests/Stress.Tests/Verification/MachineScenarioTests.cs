using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// The scenarios around atomic mappings, interrupts, shared CPUs and shootdowns, over all their interleavings.
/// </summary>
public sealed class MachineScenarioTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string, bool, bool> Correct()
    {
        var trials = new TheoryData<string, bool, bool>();
        foreach (string scenario in (string[])["atomic", "migrate", "bounce", "kdump", "shootdown"])
        {
            foreach (bool preempt in (bool[])[true, false])
            {
                trials.Add(scenario, preempt, false);
                trials.Add(scenario, preempt, true);
            }
        }

        return trials;
    }

    [Theory]
    [MemberData(nameof(Correct))]
    public void Who_keeps_the_rules_is_free_of_failures(string scenario, bool preempt, bool debugHighmem)
    {
        string isOn = debugHighmem ? SwitchParameter.On : SwitchParameter.Off;
        SizeRequest debugged = With(KmapParameters.DebugHighmem, isOn);
        VerificationReport report = Verify(scenario, debugged with { Preempt = preempt });

        Assert.Null(report.Counterexample);
        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Equal(0, report.Deadlocks);
        Assert.True(report.States > 100, "the search has hardly begun");
    }

    [Theory]
    [InlineData("atomic", 1)]
    [InlineData("bounce", 1)]
    [InlineData("kdump", 1)]
    [InlineData("shootdown", 2)]
    public void Interrupts_and_tasks_may_go_on_for_ever(string scenario, int tasks) =>
        Assert.Equal(Verdict.Verified, Verify(scenario, new SizeRequest { Tasks = tasks, Rounds = 0 }).Verdict);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Permanent_and_atomic_mappings_go_together_on_fewer_CPUs_than_tasks(int cpus) => Assert.Equal(
        Verdict.Verified, Verify("mixed", new SizeRequest { Tasks = 2 + (cpus % 2), Slots = 1, Cpus = cpus }).Verdict);

    [Fact]
    public void A_lock_with_interrupts_off_over_the_flush_is_harmless_where_spinning_switches_them_on()
    {
        Experiment race = s_catalogue.Race("lock-with-irqs-off").Experiment;

        Assert.Equal(FailureClass.Deadlock, Verify(race).Counterexample?.Finding.Class);
        Assert.Equal(Verdict.Verified, Verify(race with { Preempt = true }).Verdict);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void An_interrupt_that_maps_is_told_by_its_lock_and_not_by_what_it_has_mapped(int slots, int pages)
    {
        VerificationReport report = Verify("interrupt-kmap", new SizeRequest { Slots = slots, Pages = pages });
        Assert.Equal(FailureClass.LockMisuse, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void Without_preemption_nothing_needs_preempt_count() => Assert.Equal(
        Verdict.Verified, Verify(s_catalogue.Race("atomic-preemptible").Experiment with { Preempt = false }).Verdict);

    [Fact]
    public void The_late_clear_is_harmless_where_nothing_is_cleared()
    {
        Experiment race = s_catalogue.Race("atomic-late-clear").Experiment;

        Parameters without = race.Parameters.With(KmapParameters.DebugHighmem, SwitchParameter.Off);
        Assert.Equal(Verdict.Verified, Verify(race with { Parameters = without }).Verdict);
    }

    [Fact]
    public void Kdump_names_the_release_that_it_needs()
    {
        SizeRequest earlier = With(KmapParameters.Release, "2.6.12.6");
        var refusal = Assert.Throws<UsageException>(() => Verify("kdump", earlier));

        Assert.Contains("2.6.12.6", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("2.6.13", refusal.Message, StringComparison.Ordinal);
    }

    private static SizeRequest With(string name, string value) =>
        new SizeRequest().And(ParameterSetting.OfOption(name, value));

    private static VerificationReport Verify(string scenario, SizeRequest size) =>
        Verify(s_catalogue.Resolve(scenario, variant: null, size));

    private static VerificationReport Verify(Experiment experiment) =>
        new Verifier(experiment.Boot(), new VerifierOptions()).Run();
}
