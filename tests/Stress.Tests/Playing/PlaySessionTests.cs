using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Playing;

/// <summary>The session behind play: choosing, going back, looking for a failure.</summary>
public sealed class PlaySessionTests
{
    private const ulong Seed = 1;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);
    private static readonly FailureSearchBounds s_bounds = new(20_000, 200_000, Seed);

    [Theory]
    [InlineData("churn")]
    [InlineData("mixed")]
    [InlineData("migrate")]
    [InlineData("no-wakeup")]
    public void Going_back_and_on_again_leads_through_the_same_states(string target)
    {
        MachineImage image = Image(target);
        var session = new PlaySession(image);
        var random = new Pcg32(Seed, 1);
        while (session.Enabled is { Count: > 0 } enabled && session.Steps.Count < 200)
            Assert.True(session.Take(enabled[random.Next(enabled.Count)]));

        Transition[] line = [.. session.Schedule];
        string[] told = [.. session.Steps.Select(step => $"{step} {string.Join(", ", step.Changes)}")];
        string[] memory = Memory(session);
        for (int steps = line.Length - 1; steps >= 0; steps -= 7)
        {
            session.GoBack(steps);

            Assert.Equal(Enabled(image, line.AsSpan(0, steps)), session.Enabled);
            Assert.Equal(line[steps..], session.Ahead);
        }

        session.GoBack(0);
        while (session.GoOn())
        { }

        Assert.Equal(line, session.Schedule);
        Assert.Equal(told, session.Steps.Select(step => $"{step} {string.Join(", ", step.Changes)}"));
        Assert.Equal(memory, Memory(session));
    }

    [Fact]
    public void Another_way_takes_the_place_of_what_was_ahead_and_the_same_way_does_not()
    {
        var session = new PlaySession(Image("churn"));
        Take(session, 0, 0, 1);
        session.GoBack(1);
        Take(session, 0);
        Assert.Equal([Transition.Step(1)], session.Ahead);

        Take(session, 0);

        Assert.Empty(session.Ahead);
        Assert.Equal([Transition.Step(0), Transition.Step(0), Transition.Step(0)], session.Schedule);
    }

    [Fact]
    public void What_is_not_enabled_is_not_taken()
    {
        var session = new PlaySession(Image("churn"));
        Take(session, 0);

        Assert.False(session.Take(Transition.Step(1)), "task 1 spins for the lock that task 0 has taken");
        Assert.Single(session.Steps);
    }

    [Theory]
    [InlineData("no-recheck")]
    [InlineData("queue-after-unlock")]
    [InlineData("no-wakeup")]
    public void A_way_to_the_failure_of_a_race_is_found_from_its_start_and_leads_there(string race)
    {
        var session = new PlaySession(Image(race));

        FailureSearch search = session.FindFailure(s_bounds, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(session.Steps);
        Assert.NotNull(search.Finding);
        session.LayAhead(search.Way);
        while (session.GoOn())
        { }

        Assert.Equal(search.Finding, session.Finding);
        Assert.Empty(session.Ahead);
        Assert.Empty(session.Enabled);
        Assert.True(session.RunAgain().Reproduced);
    }

    [Fact]
    public void States_that_are_too_many_are_left_for_executions_at_random()
    {
        var session = new PlaySession(Image("no-recheck"));

        FailureSearch search = session.FindFailure(
            s_bounds with { States = 10 }, cancellation: TestContext.Current.CancellationToken);

        Assert.True(search is { States: 10, Executions: > 0, IsShortest: false, Finding: not null });
    }

    [Fact]
    public void Of_the_port_itself_every_state_is_seen_and_none_fails()
    {
        var session = new PlaySession(Image("churn", new SizeRequest { Tasks = 2, Slots = 1, Pages = 2, Rounds = 1 }));
        Take(session, 0, 0);

        FailureSearch search = session.FindFailure(s_bounds, cancellation: TestContext.Current.CancellationToken);

        Assert.True(search is { IsComplete: true, Finding: null, States: > 10 });
    }

    [Fact]
    public void A_bound_that_is_reached_is_no_complete_search()
    {
        var session = new PlaySession(Image("churn"));

        FailureSearch search = session.FindFailure(
            s_bounds with { States = 50, Steps = 500 }, cancellation: TestContext.Current.CancellationToken);

        Assert.True(search is { IsComplete: false, Finding: null, States: 50 });
    }

    [Fact]
    public void A_task_that_runs_alone_stops_where_it_cannot_go_on()
    {
        var session = new PlaySession(Image("churn"));
        Take(session, 1);

        Assert.Equal(0, session.RunAlone(0));
        int steps = session.RunAlone(1);

        Assert.True(steps > 5);
        Assert.DoesNotContain(Transition.Step(1), session.Enabled);
        Assert.All(session.Schedule, transition => Assert.Equal(Transition.Step(1), transition));
        Assert.Equal(0, session.Preemptions);
    }

    [Fact]
    public void A_state_is_kept_or_run_to_again_and_both_are_the_same()
    {
        MachineImage image = Image("churn", new SizeRequest { Tasks = 400 });
        var session = new PlaySession(image);
        for (int task = 399; session.Steps.Count < 60; task--)
            Assert.True(session.Take(session.Enabled[^1]));

        Transition[] line = [.. session.Schedule];
        foreach (int steps in (int[])[59, 31, 30, 7, 1])
        {
            session.GoBack(steps);
            Assert.Equal(Enabled(image, line.AsSpan(0, steps)), session.Enabled);
        }
    }

    private static void Take(PlaySession session, params ReadOnlySpan<int> tasks)
    {
        foreach (int task in tasks)
            Assert.True(session.Take(Transition.Step(task)));
    }

    private static string[] Memory(PlaySession session) => [.. session.Cells().Select(cell => $"{cell}")];

    private static Transition[] Enabled(MachineImage image, ReadOnlySpan<Transition> schedule)
    {
        var machine = new Machine(image);
        machine.Reset();
        foreach (Transition transition in schedule)
            machine.Perform(transition);

        return machine.Enabled().ToArray();
    }

    private static MachineImage Image(string target, SizeRequest? size = null) =>
        s_catalogue.Resolve(target, variant: null, size ?? new SizeRequest()).Boot();
}
