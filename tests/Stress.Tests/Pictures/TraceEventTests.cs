using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Pictures;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>The events of a step are one list that leaves nothing out, in the order in which it happened.</summary>
public sealed class TraceEventTests
{
    public static TheoryData<string> Races => [.. ExplanationSamples.Races];

    [Theory]
    [MemberData(nameof(Races))]
    public void Calls_of_each_context_are_nested_and_events_stand_in_the_innermost(string race)
    {
        ExecutionTrace trace = ExplanationSamples.Explain(race).Trace;
        var open = new Dictionary<int, Stack<string>>();
        int events = 0;
        foreach (TraceEvent call in trace.Start.Calls)
            Move(call.Context, call);

        foreach (TraceStep step in trace.Steps)
        {
            foreach (TraceEvent happened in step.Events)
                Move(happened.Context, happened);
        }

        Assert.True(events > 0);

        void Move(int context, TraceEvent happened)
        {
            if (!open.TryGetValue(context, out Stack<string>? calls))
                open[context] = calls = new Stack<string>();

            switch (happened.Kind)
            {
                case TraceEventKind.Enter:
                    calls.Push(happened.Text);
                    break;
                case TraceEventKind.Leave:
                    Assert.Equal(calls.Pop(), happened.Text);
                    break;
                default:
                    if (happened.Function.Length == 0)
                        return;

                    events++;
                    Assert.Equal(calls.Peek(), happened.Function);
                    Assert.Equal(calls, happened.Calls.Select(call => call.Function));
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Events_have_the_same_operations_and_changes_as_the_operations_of_the_step(string race)
    {
        foreach (TraceStep step in ExplanationSamples.Explain(race).Trace.Steps)
        {
            Assert.Equal(
                step.Operations.Where(operation => operation.Text.Length > 0),
                step.Events.Select(happened => happened.Operation).OfType<TraceOperation>());
            Assert.Equal(
                step.Operations.SelectMany(operation => operation.Changes),
                step.Events.Select(happened => happened.Change).OfType<MemoryChange>());
            Assert.Equal(
                step.Operations.SelectMany(operation => operation.Woken),
                step.Events.Where(happened => happened.Woken >= 0).Select(happened => happened.Woken));
        }
    }

    [Fact]
    public void A_function_leaves_with_its_result()
    {
        ExecutionTrace trace = ExplanationSamples.Explain("no-wakeup").Trace;
        IEnumerable<TraceEvent> returns = trace.Steps.SelectMany(step => step.Events)
            .Where(happened => happened is { Kind: TraceEventKind.Leave, Text: "kmap_high" });

        TraceEvent first = returns.First();
        Assert.Equal("0x96000000", first.Result);
        Assert.Equal("HighMemory.Pkmap.cs", first.Source!.File);
    }

    [Fact]
    public void A_bug_is_an_event_where_it_was_hit()
    {
        ExecutionTrace trace = ExplanationSamples.Explain("count-to-zero").Trace;
        TraceEvent bug = trace.Steps.SelectMany(step => step.Events).Single(happened => happened.Kind == TraceEventKind.Bug);

        Assert.Contains(bug.Text, trace.Report.Finding!.Message, StringComparison.Ordinal);
        Assert.Equal("set_page_address", bug.Function);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Spans_of_locks_say_at_each_moment_who_holds_them(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        Dictionary<string, string> cells = [];
        foreach (MemoryCell cell in explanation.Trace.Start.Cells.Where(cell => cell.Role == RegionRole.Kernel))
            cells[cell.Name] = cell.Text;

        Check(0);
        foreach (TraceStep step in explanation.Trace.Steps)
        {
            foreach (MemoryChange change in step.Events.Select(happened => happened.Change).OfType<MemoryChange>())
                cells[change.Name] = change.After;

            Check(step.Number);
        }

        void Check(int moment)
        {
            foreach (Lane lane in explanation.Lanes.Where(lane => lane.Kind == LaneKind.Lock))
            {
                string[] holders = [.. lane.Spans.Where(span => span.From <= moment && moment < span.To).Select(span => span.Label)];
                Assert.Equal(cells[lane.Name] == "free" ? [] : [cells[lane.Name]], holders);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void A_context_that_steps_could_run_at_the_moment_before(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        foreach (TraceStep step in explanation.Trace.Steps.Where(step => step.Transition.IsStep))
        {
            Lane lane = explanation.Lanes.Single(lane => lane.Kind == LaneKind.Context && lane.Number == step.Context);
            Assert.Contains(lane.Spans, span =>
                span.Kind == SpanKind.Running && span.From < step.Number && step.Number <= span.To);
        }
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Arrows_lead_from_a_step_to_a_later_one_of_another_context(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        IReadOnlyList<TraceStep> steps = explanation.Trace.Steps;
        foreach (Arrow arrow in explanation.Arrows)
        {
            // Who is interrupted, or loses its CPU, there is itself the one who should have come further first.
            bool isStop = arrow.Kind == ArrowKind.Critical && !steps[arrow.From - 1].Transition.IsStep;
            Assert.True(isStop || steps[arrow.From - 1].Context != arrow.ToContext);
            if (arrow.To == 0)
                continue;

            Assert.True(arrow.From < arrow.To);
            Assert.Equal(steps[arrow.To - 1].Context, arrow.ToContext);
        }
    }
}
