using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>Makes the rows of a picture from a trace: CPUs, tasks and interrupts, locks.</summary>
internal static class Lanes
{
    internal static IReadOnlyList<Lane> Of(ExecutionTrace trace)
    {
        ContextMoment[] contexts = [.. trace.Start.Contexts];
        CpuMoment[] cpus = [.. trace.Start.Cpus];
        SpanBuilder[] ofContexts = [.. contexts.Select(_ => new SpanBuilder(trace.Steps.Count + 1))];
        SpanBuilder[] ofCpus = [.. cpus.Select(_ => new SpanBuilder(trace.Steps.Count + 1))];
        for (int context = 0; context < contexts.Length; context++)
            ShowContext(context, 0);

        ShowCpus(0);
        foreach (TraceStep step in trace.Steps)
        {
            foreach (ContextChange change in step.Contexts)
            {
                contexts[change.Context] = change.Now;
                ShowContext(change.Context, step.Number);
            }

            foreach (CpuChange change in step.Cpus)
                cpus[change.Cpu] = change.Now;

            ShowCpus(step.Number);
        }

        return
        [
            .. ofCpus.Select((spans, cpu) => new Lane(LaneKind.Cpu, cpu, $"CPU {cpu}", spans.Build())),
            .. ofContexts.Select((spans, context) =>
                new Lane(LaneKind.Context, context, trace.Contexts[context], spans.Build())),
            .. Locks(trace),
        ];

        void ShowCpus(int moment)
        {
            for (int cpu = 0; cpu < cpus.Length; cpu++)
            {
                // A CPU that belongs to one task has nothing to run while that one sleeps, and when it has ended.
                CpuMoment now = cpus[cpu];
                bool isIdle = now.Current < 0
                    || contexts[now.Current].Activity is ContextActivity.Asleep or ContextActivity.Ended;
                SpanBuilder spans = ofCpus[cpu];
                spans.Set(SpanKind.Running, moment, isIdle ? null : trace.Contexts[now.Current]);
                spans.Set(SpanKind.IrqsOff, moment, now.IrqsDisabled ? "irqs off" : null);
                spans.Set(SpanKind.OwesFlush, moment, now.Owes == ShootdownAnswer.None ? null : "TLB shootdown");
            }
        }

        void ShowContext(int context, int moment)
        {
            ContextMoment now = contexts[context];
            SpanBuilder spans = ofContexts[context];
            SpanKind? kind = KindOf(now.Activity);
            for (SpanKind other = SpanKind.Running; other <= SpanKind.Dead; other++)
                spans.Set(other, moment, other == kind ? now.WaitsFor : null);

            bool isPreemptOff = kind is not null and not SpanKind.Dead && now.PreemptCount != 0;
            spans.Set(SpanKind.PreemptOff, moment, isPreemptOff ? "preemption off" : null);
        }
    }

    // A lock that is taken and given back within one step is held at no moment.
    private static IEnumerable<Lane> Locks(ExecutionTrace trace)
    {
        MemoryCell[] cells = [.. LockCells(trace)];
        var builders = new Dictionary<string, SpanBuilder>();
        foreach (MemoryCell cell in cells)
        {
            builders[cell.Name] = new SpanBuilder(trace.Steps.Count + 1);
            builders[cell.Name].Set(SpanKind.Held, 0, Holder(cell.Text));
        }

        foreach (TraceStep step in trace.Steps)
        {
            foreach (TraceEvent happened in step.Events)
            {
                if (happened.Change is { } change && builders.TryGetValue(change.Name, out SpanBuilder? spans))
                    spans.Set(SpanKind.Held, step.Number, Holder(change.After));
            }
        }

        int number = 0;
        foreach (MemoryCell cell in cells)
        {
            IReadOnlyList<Span> held = builders[cell.Name].Build();
            if (held.Count > 0)
                yield return new Lane(LaneKind.Lock, number++, cell.Name, held);
        }

        static string? Holder(string text) => text == "free" ? null : text;
    }

    private static IEnumerable<MemoryCell> LockCells(ExecutionTrace trace)
    {
        var locks = new HashSet<int>();
        foreach (TraceOperation operation in trace.Steps.SelectMany(step => step.Operations))
        {
            if (operation.SpinLock >= 0)
                locks.Add(operation.SpinLock);
        }

        return trace.Start.Cells.Where(cell => locks.Contains(cell.Address) && cell.Role == RegionRole.Kernel);
    }

    private static SpanKind? KindOf(ContextActivity activity) => activity switch
    {
        ContextActivity.Running => SpanKind.Running,
        ContextActivity.Spinning => SpanKind.Spinning,
        ContextActivity.Waiting => SpanKind.Waiting,
        ContextActivity.Asleep => SpanKind.Asleep,
        ContextActivity.Ready => SpanKind.Ready,
        ContextActivity.Interrupted => SpanKind.Interrupted,
        ContextActivity.Dead => SpanKind.Dead,
        _ => null,
    };

    /// <summary>Turns what is the case at moments into spans.</summary>
    private sealed class SpanBuilder(int end)
    {
        private readonly List<Span> _spans = [];
        private readonly Dictionary<SpanKind, (int From, string Label)> _open = [];

        /// <summary>From a moment on a kind has a label, or is not there: null.</summary>
        internal void Set(SpanKind kind, int moment, string? label)
        {
            if (_open.TryGetValue(kind, out (int From, string Label) open))
            {
                if (open.Label == label)
                    return;

                _open.Remove(kind);
                if (moment > open.From)
                    _spans.Add(new Span(open.From, moment, kind, open.Label));
            }

            if (label is not null)
                _open[kind] = (moment, label);
        }

        internal IReadOnlyList<Span> Build()
        {
            foreach ((SpanKind kind, (int from, string label)) in _open)
                _spans.Add(new Span(from, end, kind, label));

            _open.Clear();
            return [.. _spans.OrderBy(span => span.From).ThenBy(span => span.Kind)];
        }
    }
}
